import csv

from openai import OpenAI
from tqdm import tqdm

client = OpenAI()


def main():
    with open("tickets.csv", newline="", encoding="utf-8") as file:
        tickets = list(csv.DictReader(file))
    answers = {}
    for position, ticket in enumerate(tqdm(tickets, total=len(tickets))):
        if not ticket["text"]:
            tqdm.write(f"ticket {ticket['id']} is empty")
            continue
        completion = client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "Answer politely: " + ticket["text"]}]
        )
        answers[position] = completion.choices[0].message.content
    for position, answer in answers.items():
        print(position, answer)


main()
