import json

from openai import OpenAI

client = OpenAI()


def run(path):
    lines = []
    for number, review in enumerate(open(path, encoding="utf-8").read().splitlines()):
        body = {"model": "gpt-5-mini", "input": review}
        lines.append(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}))
    file = client.files.create(file=("reviews.jsonl", "\n".join(lines).encode()), purpose="batch")
    client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
    print("submitted", len(lines))


run("reviews.txt")
