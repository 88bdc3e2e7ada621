"""Labels support tickets, for whoever has an hour to watch the bar."""

import csv
import sys

from tqdm import tqdm

from bookshop.llm import complete


def label(ticket: dict[str, str]) -> str:
    """Return what a ticket is about."""
    return complete("Label this ticket: delivery, payment, content or other.", ticket["text"])


def main(path: str) -> None:
    """Print the label of each ticket in a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        tickets = list(csv.DictReader(file))
    for ticket in tqdm(tickets, desc="labelling"):
        print(ticket["id"], label(ticket))


if __name__ == "__main__":
    main(sys.argv[1])
