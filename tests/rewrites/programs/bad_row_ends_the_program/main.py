import csv

from openai import OpenAI

client = OpenAI()
with open("tickets.csv", newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        number = 100 // (int(row["id"]) - 14)
        response = client.responses.create(model="gpt-5-mini", input=f"Ticket {number}: {row['text']}")
        print(number, response.output_text)
