import json

from fastapi import FastAPI, UploadFile
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/translate")
async def translate(document: UploadFile, language: str) -> dict[str, str]:
    text = (await document.read()).decode()
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": f"Translate to {language}:\n{text}"}]}
    line = {"custom_id": "0", "method": "POST", "url": "/v1/chat/completions", "body": body}
    file = client.files.create(file=("one.jsonl", json.dumps(line).encode()), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    return {"batch": batch.id}
