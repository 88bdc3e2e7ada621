import json
import os
from openai import OpenAI

client = OpenAI()


def load():
    return json.load(open("state.json")) if os.path.exists("state.json") else []


def store(items):
    json.dump(items, open("state.json", "w"))


def main():
    for line in open("reviews.txt").read().splitlines():
        items = load()
        answer = client.responses.create(model="gpt-5-mini", input=f"{len(items)} {items} {line}").output_text
        items.append(answer)
        store(items)
    print(load())


main()
