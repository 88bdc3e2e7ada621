from pathlib import Path

from openai import OpenAI

client = OpenAI()
for path in sorted(Path("inbox").iterdir()):
    text = path.read_text(encoding="utf-8")
    path.unlink()
    print(path.name, client.responses.create(model="gpt-5-mini", input=text).output_text)
