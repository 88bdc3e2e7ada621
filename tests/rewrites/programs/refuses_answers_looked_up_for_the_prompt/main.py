import csv
from openai import OpenAI

client = OpenAI()
summaries = {}
with open("rows.csv") as f:
    for row in csv.DictReader(f):
        old = summaries.get(row["topic"], "nothing yet")
        r = client.responses.create(model="gpt-5-mini", input=f"Known: {old}. New: {row['text']}")
        summaries[row["topic"]] = r.output_text
for k, v in sorted(summaries.items()):
    print(k, v)
