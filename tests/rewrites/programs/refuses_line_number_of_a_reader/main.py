import csv
from openai import OpenAI

client = OpenAI()
with open("rows.csv", newline="") as f:
    reader = csv.DictReader(f)
    for row in reader:
        answer = client.responses.create(model="gpt-5-mini", input=row["text"]).output_text
        print(reader.line_num, answer)
