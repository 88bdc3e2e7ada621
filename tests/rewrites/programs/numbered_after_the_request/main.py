from openai import OpenAI

client = OpenAI()
number = 1
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        response = client.responses.create(model="gpt-5-mini", input=f"{number}. {line}")
    except Exception:
        continue
    print(response.output_text)
    number += 1
