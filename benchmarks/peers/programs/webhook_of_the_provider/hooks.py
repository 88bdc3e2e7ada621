from pathlib import Path

from fastapi import FastAPI, Request
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/webhooks/openai")
async def webhook(request: Request) -> dict[str, bool]:
    event = client.webhooks.unwrap(await request.body(), dict(request.headers))
    if event.type == "batch.completed":
        batch = client.batches.retrieve(event.data.id)
        if batch.output_file_id:
            Path(batch.id).write_bytes(client.files.content(batch.output_file_id).read())
        following = Path("next.txt").read_text().strip()
        submitted = client.batches.create(input_file_id=following, endpoint="/v1/responses", completion_window="24h")
        Path("batch.txt").write_text(submitted.id)
    return {"ok": True}
