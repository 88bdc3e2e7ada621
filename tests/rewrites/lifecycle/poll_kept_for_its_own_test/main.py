import json
import time

from openai import OpenAI

client = OpenAI()


def submit(reviews: list[str]) -> str:
    lines = []
    for number, review in enumerate(reviews):
        body = {"model": "gpt-5-mini", "input": f"Summarise: {review}"}
        lines.append(json.dumps({"custom_id": f"review-{number}", "method": "POST", "url": "/v1/responses", "body": body}))
    file = client.files.create(file=("reviews.jsonl", "\n".join(lines).encode()), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h").id


def is_done(batch):
    return batch.status == "completed"


batch_id = submit(open("reviews.txt", encoding="utf-8").read().splitlines())
jobs = {"reviews": client.batches.retrieve(batch_id)}
while jobs["reviews"].status != "completed":
    time.sleep(10)
    jobs["reviews"] = client.batches.retrieve(batch_id)
print(is_done(jobs["reviews"]))
