import csv

from openai import OpenAI

client = OpenAI()
skipped = []
with open("tickets.csv", newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        text = row["text"].strip()
        if not text:
            skipped.append(row["id"])
            continue
        if "card" in text:
            print(row["id"], "see our page about payments")
            continue
        response = client.responses.create(model="gpt-5-mini", input=f"Answer this ticket: {text}")
        if "lost" in response.output_text:
            print(row["id"], "to the depot")
            continue
        print(row["id"], response.output_text)
print("skipped", skipped)
