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


def answers(batch):
    found = {}
    for line in client.files.content(batch.output_file_id).text.splitlines():
        row = json.loads(line)
        found[row["custom_id"]] = row["response"]["body"]["status"]
    return found


batch = client.batches.retrieve(submit(open("reviews.txt", encoding="utf-8").read().splitlines()))
while batch.status not in ("completed", "failed", "expired", "cancelled"):
    time.sleep(60)
    batch = client.batches.retrieve(batch.id)
print(sorted(answers(batch).items()))
