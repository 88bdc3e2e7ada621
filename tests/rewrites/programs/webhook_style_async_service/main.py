import asyncio
import json
from pathlib import Path

from openai import AsyncOpenAI


class Nightly:
    def __init__(self, client: AsyncOpenAI | None = None) -> None:
        self.client = client or AsyncOpenAI()

    async def _ask(self, prompt: str, **options) -> str:
        response = await self.client.responses.create(model="gpt-5-mini", input=prompt, **options)
        return response.output_text

    async def run(self, source: Path, target: Path) -> int:
        articles = json.loads(source.read_text(encoding="utf-8"))
        report = []
        for slug, text in sorted(articles.items()):
            try:
                summary = await self._ask(f"Summarise: {text}", max_output_tokens=100)
            except Exception as error:
                report.append({"slug": slug, "error": type(error).__name__})
                continue
            report.append({"slug": slug, "summary": summary})
            await asyncio.sleep(0.5)
        target.write_text(json.dumps(report, indent=1), encoding="utf-8")
        return len(report)


print(asyncio.run(Nightly().run(Path("articles.json"), Path("report.json"))))
