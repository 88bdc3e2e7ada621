"""An assistant for the staff, in the terminal: it looks books up as often as it needs to."""

import json
import sqlite3

from bookshop.llm import MODEL, client

TOOLS = [
    {
        "type": "function",
        "name": "find_books",
        "description": "Find books by a word of their title.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    }
]


def find_books(word: str) -> str:
    """Return the books with a word in their title."""
    database = sqlite3.connect("bookshop.db")
    return json.dumps(database.execute("SELECT id, title FROM books WHERE title LIKE ?", (f"%{word}%",)).fetchall())


def answer(messages: list) -> str:
    """Ask the model, and look up what it wants to know, until it has an answer."""
    while True:
        response = client.responses.create(model=MODEL, input=messages, tools=TOOLS)
        messages += response.output
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text
        for call in calls:
            found = find_books(**json.loads(call.arguments))
            messages.append({"type": "function_call_output", "call_id": call.call_id, "output": found})


def main() -> None:
    """Talk until the other side has nothing to say."""
    messages: list = []
    while question := input("> "):
        messages.append({"role": "user", "content": question})
        print(answer(messages))


if __name__ == "__main__":
    main()
