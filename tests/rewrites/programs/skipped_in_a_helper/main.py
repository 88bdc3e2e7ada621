import csv

from openai import OpenAI

client = OpenAI()
stats = {"empty": 0, "asked": 0}
notes = []


def answer(row):
    text = row["text"].strip()
    if not text:
        stats["empty"] += 1
        notes.append(row["id"])
        return None
    stats["asked"] += 1
    return client.responses.create(model="gpt-5-mini", input=text).output_text


with open("tickets.csv", newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        reply = answer(row)
        if reply is None:
            continue
        print(row["id"], reply)
print(stats, notes)
