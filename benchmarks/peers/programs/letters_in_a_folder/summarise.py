from pathlib import Path

import anthropic

client = anthropic.Anthropic()


def summary_of(letter: str) -> str:
    message = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=300,
        messages=[{"role": "user", "content": "Summarise this letter in two sentences.\n\n" + letter}],
    )
    return message.content[0].text


for path in sorted(Path("letters").glob("*.txt")):
    path.with_suffix(".summary").write_text(summary_of(path.read_text()))
