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


def wait(batch_id, pause=30):
    while True:
        try:
            batch = client.batches.retrieve(batch_id)
            if batch.status == "completed":
                break
        except ConnectionError as error:
            print("again:", error)
        print("waiting")
        time.sleep(pause)
    return batch


batch = wait(submit(open("reviews.txt", encoding="utf-8").read().splitlines()))
print(batch.request_counts.completed, batch.request_counts.failed)
