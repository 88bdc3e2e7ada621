from anthropic import Anthropic
from fastapi import FastAPI, status
from pydantic import BaseModel

app = FastAPI()
client = Anthropic()


class Job(BaseModel):
    texts: list[str]


@app.post("/jobs", status_code=status.HTTP_202_ACCEPTED)
def create(job: Job) -> dict[str, str]:
    requests = [
        {
            "custom_id": str(number),
            "params": {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": text}]},
        }
        for number, text in enumerate(job.texts)
    ]
    return {"job": client.messages.batches.create(requests=requests).id}
