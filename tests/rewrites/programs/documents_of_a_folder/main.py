from pathlib import Path

from openai import OpenAI

client = OpenAI()


def summarise(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    response = client.responses.create(model="gpt-5-mini", instructions="Summarise the document.", input=text[:2000])
    return response.output_text


def main() -> None:
    for path in sorted(Path("docs").rglob("*.md")):
        target = path.with_suffix(".summary.txt")
        if target.exists():
            print("skip", path.name)
            continue
        target.write_text(summarise(path), encoding="utf-8")
        print("wrote", target.name)


main()
