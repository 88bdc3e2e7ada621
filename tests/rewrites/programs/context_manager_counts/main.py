from contextlib import contextmanager

from openai import OpenAI

client = OpenAI()
stats = {"started": 0, "ended": 0}


@contextmanager
def tracked():
    stats["started"] += 1
    try:
        yield
    finally:
        stats["ended"] += 1


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    with tracked():
        print(client.responses.create(model="gpt-5-mini", input=line).output_text)
print(stats)
