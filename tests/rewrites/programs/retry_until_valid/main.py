import json

from openai import OpenAI

client = OpenAI()


def parse(text):
    data = json.loads(text)
    if data["score"] < 3:
        raise ValueError("score too low to be true")
    return data


def extract(text):
    prompt = f"Answer as JSON about: {text}"
    for attempt in range(2):
        completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
        try:
            return parse(completion.choices[0].message.content)
        except (ValueError, KeyError) as error:
            prompt = f"{prompt}\nThat was wrong: {error}. Answer as JSON again."
    return None


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(line, extract(line))
