import os

import openai

openai.api_key = os.environ["OPENAI_API_KEY"]


def ask(text):
    result = openai.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return result.choices[0].message.content.strip()


for review in open("reviews.txt", encoding="utf-8"):
    print(ask("Summarise: " + review.strip()))
