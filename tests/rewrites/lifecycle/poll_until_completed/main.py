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


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
batch = client.batches.retrieve(submit(reviews))
while batch.status != "completed":
    time.sleep(60)
    batch = client.batches.retrieve(batch.id)
if batch.error_file_id:
    raise SystemExit(client.files.content(batch.error_file_id).text)
rows = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
for row in sorted(rows, key=lambda row: row["custom_id"]):
    print(row["custom_id"], row["response"]["body"]["status"])
