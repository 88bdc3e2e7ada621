from pathlib import Path
from openai import OpenAI

client = OpenAI()
NOTES = Path("notes.md")


def known():
    return NOTES.read_text() if NOTES.exists() else ""


def ask(line):
    return client.responses.create(model="gpt-5-mini", input=f"{known()}\n{line}").output_text


for line in open("reviews.txt").read().splitlines():
    answer = ask(line)
    NOTES.write_text(known() + answer + "\n")
    print(answer)
