from pathlib import Path

from openai import OpenAI

client = OpenAI()
notes = Path("notes.txt")
notes.write_text("", encoding="utf-8")
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    known = notes.read_text(encoding="utf-8")
    response = client.responses.create(model="gpt-5-mini", input=f"Notes: {known}\nReview: {line}")
    notes.write_text(known + response.output_text + "\n", encoding="utf-8")
print(notes.read_text(encoding="utf-8"))
