from openai import OpenAI

client = OpenAI()
PROMPTS = {"title": "Give a title: {}", "mood": "Give the mood: {}", "lang": "Give the language: {}"}


def complete(prompt):
    return client.responses.create(model="gpt-5-mini", input=prompt).output_text


records = []
for line in open("reviews.txt").read().splitlines():
    record = {"text": line}
    for field, prompt in PROMPTS.items():
        record[field] = complete(prompt.format(line))
    records.append(record)
for record in records:
    print(record)
