import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from anthropic import Anthropic

client = Anthropic()


def topic(path: Path) -> str:
    reply = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=20,
        messages=[{"role": "user", "content": f"One word: what is the topic?\n{path.read_text()}"}],
    )
    return reply.content[0].text


def main() -> None:
    paths = sorted(Path("articles").rglob("*.md"))
    with ThreadPoolExecutor(max_workers=8) as pool:
        topics = list(pool.map(topic, paths))
    Path("topics.json").write_text(json.dumps(dict(zip(map(str, paths), topics))))


if __name__ == "__main__":
    main()
