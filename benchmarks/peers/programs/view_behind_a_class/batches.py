import json
import time

from openai import OpenAI


class Runner:
    def __init__(self) -> None:
        self.client = OpenAI()

    def run(self, texts: list[str]) -> list[str]:
        batch = self.submit(texts)
        while batch.status not in ("completed", "failed", "expired", "cancelled"):
            time.sleep(10)
            batch = self.client.batches.retrieve(batch.id)
        if batch.status != "completed" or batch.output_file_id is None:
            raise RuntimeError(batch.status)
        lines = map(json.loads, self.client.files.content(batch.output_file_id).text.splitlines())
        found = {line["custom_id"]: line["response"]["body"]["choices"][0]["message"]["content"] for line in lines if not line["error"]}
        return [found.get(str(number), "") for number in range(len(texts))]

    def submit(self, texts: list[str]):
        requests = "\n".join(json.dumps(self.line(number, text)) for number, text in enumerate(texts))
        file = self.client.files.create(file=("texts.jsonl", requests.encode()), purpose="batch")
        return self.client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        )

    def line(self, number: int, text: str) -> dict:
        body = {"model": "gpt-5-nano", "messages": [{"role": "user", "content": "One word, the topic: " + text}]}
        return {"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}
