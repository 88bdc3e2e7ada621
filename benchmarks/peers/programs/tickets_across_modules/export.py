import json
import sqlite3

from llm import Triage


def export(database: str, target: str) -> None:
    triage = Triage()
    connection = sqlite3.connect(database)
    tickets = connection.execute("SELECT id, body FROM tickets").fetchall()
    found = {}
    for number, body in tickets:
        found[number] = triage.severity(body)
    with open(target, "w") as out:
        json.dump(found, out)


if __name__ == "__main__":
    export("tickets.db", "severities.json")
