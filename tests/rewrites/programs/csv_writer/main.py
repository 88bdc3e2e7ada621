import csv

from openai import OpenAI

client = OpenAI()


def answer(text):
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Answer: {text}"}])
    return completion.choices[0].message.content


with open("tickets.csv", newline="", encoding="utf-8") as source, open("answers.csv", "w", newline="", encoding="utf-8") as target:
    reader = csv.DictReader(source)
    writer = csv.DictWriter(target, fieldnames=["id", "answer"])
    writer.writeheader()
    for row in reader:
        writer.writerow({"id": row["id"], "answer": answer(row["text"]) if row["text"] else ""})
