from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.get("/jobs/{number}")
def status(number: str) -> dict[str, str | int]:
    batch = client.batches.retrieve(number)
    done = batch.request_counts.completed if batch.request_counts else 0
    return {"status": batch.status, "done": done}
