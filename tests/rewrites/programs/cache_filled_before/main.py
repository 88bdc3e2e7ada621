import json
from pathlib import Path

from openai import OpenAI

client = OpenAI()
cache = json.loads(Path("cache.json").read_text(encoding="utf-8"))


def label(text):
    if text not in cache:
        response = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}")
        cache[text] = response.output_text
    return cache[text]


results = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    results.append((line, label(line)))
    print(len(results), results[-1])
Path("cache.json").write_text(json.dumps(cache, indent=1), encoding="utf-8")
