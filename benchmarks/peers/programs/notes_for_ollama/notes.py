from pathlib import Path

import ollama


def tags(text: str) -> str:
    reply = ollama.chat(model="llama3.2", messages=[{"role": "user", "content": "Three tags for this note:\n" + text}])
    return reply["message"]["content"]


for path in Path.home().joinpath("notes").glob("*.md"):
    print(path.name, tags(path.read_text()))
