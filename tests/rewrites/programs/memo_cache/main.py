from openai import OpenAI

client = OpenAI()
cache = {}


def label(text):
    if text in cache:
        return cache[text]
    response = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}")
    cache[text] = response.output_text
    return cache[text]


lines = open("reviews.txt", encoding="utf-8").read().splitlines()
for line in lines:
    print(label(line))
print(len(cache), "labels")
