from pathlib import Path

from openai import OpenAI

client = OpenAI()


def shorten(text: str) -> str:
    response = client.responses.create(model="gpt-5-mini", input=text, instructions="Shorten to five words.")
    return response.output_text


def digest(texts: list[str]) -> str:
    return "\n".join(f"* {shorten(text)}" for text in texts)


Path("digest.md").write_text(digest(Path("reviews.txt").read_text(encoding="utf-8").splitlines()), encoding="utf-8")
