import csv
from itertools import islice

from openai import OpenAI

client = OpenAI()

with open("reviews.csv") as source:
    for row in islice(csv.DictReader(source), 10):
        print(client.responses.create(model="gpt-5-mini", input="Name the product: " + row["text"]).output_text)
