from concurrent.futures import ThreadPoolExecutor
import itertools
import csv
from openai import OpenAI

client = OpenAI()


def label(row, lang):
    r = client.responses.create(model="gpt-5-mini", input=f"{lang}: {row['text']}")
    return {**row, "label": r.output_text}


with open("rows.csv", newline="") as f:
    rows = list(csv.DictReader(f))
with ThreadPoolExecutor(max_workers=3) as pool:
    done = list(pool.map(label, rows, itertools.repeat("en")))
with open("done.csv", "w", newline="") as f:
    w = csv.DictWriter(f, fieldnames=["id", "text", "label"])
    w.writeheader()
    w.writerows(done)
print(len(done))
