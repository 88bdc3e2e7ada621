from pathlib import Path

from openai import OpenAI

client = OpenAI()
for number, line in enumerate(open("reviews.txt", encoding="utf-8").read().splitlines()):
    Path(f"prompt_{number}.txt").write_text(line, encoding="utf-8")
    print(client.responses.create(model="gpt-5-mini", input=line).output_text)
