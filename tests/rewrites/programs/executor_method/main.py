from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openai import OpenAI


class Tagger:
    def __init__(self, client: OpenAI, workers: int = 4) -> None:
        self.client = client
        self.workers = workers

    def tag(self, text: str) -> list[str]:
        completion = self.client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"Tag this: {text}"}], max_tokens=20
        )
        return sorted(completion.choices[0].message.content.split())

    def tag_all(self, texts: list[str]) -> list[list[str]]:
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            return list(pool.map(self.tag, texts))


tags = Tagger(OpenAI()).tag_all(Path("reviews.txt").read_text(encoding="utf-8").splitlines())
Path("tags.txt").write_text("\n".join(",".join(each) for each in tags), encoding="utf-8")
