"""The one place that talks to the model."""

import json
import time
from pathlib import Path

from openai import OpenAI, RateLimitError

MODEL = "gpt-5-mini"
ATTEMPTS = 3

client = OpenAI()


def complete(instructions: str, text: str) -> str:
    """Return the answer of the model. It is asked again if it is busy."""
    for attempt in range(ATTEMPTS):
        try:
            response = client.responses.create(model=MODEL, instructions=instructions, input=text)
            return response.output_text
        except RateLimitError:
            time.sleep(2**attempt)
    raise TimeoutError(f"{MODEL} is busy")


def submit(instructions: str, texts: list[str]) -> str:
    """Submit a batch with one request per text, and return its id."""
    lines = []
    for number, text in enumerate(texts):
        body = {"model": MODEL, "instructions": instructions, "input": text}
        lines.append(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}))
    upload = client.files.create(file=("requests.jsonl", "\n".join(lines).encode()), purpose="batch")
    return client.batches.create(input_file_id=upload.id, endpoint="/v1/responses", completion_window="24h").id


def wait(batch_id: str, path: Path) -> None:
    """Wait until a batch has ended, and save its results."""
    while True:
        batch = client.batches.retrieve(batch_id)
        if batch.status in ("completed", "failed", "expired", "cancelled"):
            break
        time.sleep(10)
    if batch.output_file_id is not None:
        path.write_bytes(client.files.content(batch.output_file_id).read())
