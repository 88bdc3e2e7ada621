from pathlib import Path

from openai import OpenAI

client = OpenAI()
inbox, archive = Path("inbox"), Path("archive")
archive.mkdir(exist_ok=True)
for path in sorted(inbox.glob("*.txt")):
    target = archive / path.name
    path.rename(target)
    text = target.read_text(encoding="utf-8")
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
    target.with_suffix(".md").write_text(response.output_text, encoding="utf-8")
print(sorted(path.name for path in archive.iterdir()))
