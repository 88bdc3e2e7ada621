import json

from openai import OpenAI

client = OpenAI()
bad = []
with open("records.jsonl", encoding="utf-8") as source:
    for number, line in enumerate(source, 1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            bad.append((number, error.msg))
            continue
        response = client.responses.create(model="gpt-5-mini", input=f"Describe {record['title']}")
        print(response.output_text)
print(bad)
