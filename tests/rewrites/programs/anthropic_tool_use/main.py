import csv

import anthropic

client = anthropic.Anthropic()
TOOLS = [
    {
        "name": "file_ticket",
        "description": "File a ticket",
        "input_schema": {
            "type": "object",
            "properties": {"topic": {"type": "string", "enum": ["parcel", "payment"]}, "urgent": {"type": "boolean"}},
            "required": ["topic", "urgent"],
        },
    }
]


def classify(text):
    response = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=100,
        tools=TOOLS,
        tool_choice={"type": "tool", "name": "file_ticket"},
        messages=[{"role": "user", "content": text}],
    )
    return next(block.input for block in response.content if block.type == "tool_use")


with open("tickets.csv", newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        if row["text"]:
            print(row["id"], classify(row["text"]))
