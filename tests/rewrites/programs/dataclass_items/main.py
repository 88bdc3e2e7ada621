import csv
from dataclasses import dataclass, field

from openai import OpenAI

client = OpenAI()


@dataclass
class Ticket:
    id: int
    text: str
    reply: str = ""
    tags: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.text.strip()


def load() -> list[Ticket]:
    with open("tickets.csv", newline="", encoding="utf-8") as file:
        return [Ticket(int(row["id"]), row["text"]) for row in csv.DictReader(file)]


def answer(ticket: Ticket) -> None:
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": f"Answer ticket {ticket.id}: {ticket.text}"}]
    )
    ticket.reply = completion.choices[0].message.content
    ticket.tags.append("answered")


tickets = load()
for ticket in tickets:
    if ticket.empty:
        ticket.tags.append("empty")
        continue
    answer(ticket)
for ticket in tickets:
    print(ticket)
