import json
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from openai import OpenAI

from store import rows_of

app = FastAPI()
client = OpenAI()


def enrich(table: str) -> Iterator[str]:
    rows = rows_of(table)
    for number, row in enumerate(rows, start=1):
        row.category = client.responses.create(model="gpt-5-nano", input="One category for: " + row.title).output_text
        row.save()
        yield f"data: {json.dumps({'progress': 100 * number // len(rows)})}\n\n"


@app.get("/tables/{table}/enrich")
def enrich_table(table: str) -> StreamingResponse:
    return StreamingResponse(enrich(table), media_type="text/event-stream")
