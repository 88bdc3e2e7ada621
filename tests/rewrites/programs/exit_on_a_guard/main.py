import csv
import sys

from openai import OpenAI

client = OpenAI()


def main():
    with open("tickets.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["customer"] == "dee":
                print("not for dee", file=sys.stderr)
                sys.exit(4)
            if row["text"]:
                print(client.responses.create(model="gpt-5-mini", input=row["text"]).output_text)


main()
