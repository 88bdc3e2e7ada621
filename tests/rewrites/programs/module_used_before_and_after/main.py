import json

from openai import OpenAI

client = OpenAI()
rows = [json.dumps({"text": line}) for line in open("reviews.txt", encoding="utf-8").read().splitlines()]

for number, row in enumerate(rows):
    text = json.loads(row)["text"]
    answer = client.responses.create(model="gpt-4o-mini", input=text)
    with open(f"answer-{number}.json", "w", encoding="utf-8") as file:
        json.dump({"answer": answer.output_text}, file)
print(len(rows))
