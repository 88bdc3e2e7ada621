import csv

from openai import OpenAI

client = OpenAI()


def is_flagged(text):
    result = client.moderations.create(model="omni-moderation-latest", input=text)
    return result.results[0].flagged


with open("reviews.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
print([row["id"] for row in rows if not is_flagged(row["text"])])
