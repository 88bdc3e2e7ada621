import csv
import json
import sys

from openai import OpenAI

client = OpenAI()


def main(path: str) -> None:
    with open(path) as rows, open("requests.jsonl", "w") as out:
        for row in csv.DictReader(rows):
            body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": row["text"]}]}
            line = {"custom_id": row["id"], "method": "POST", "url": "/v1/chat/completions", "body": body}
            out.write(json.dumps(line) + "\n")
    with open("requests.jsonl", "rb") as requests:
        file = client.files.create(file=requests, purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    print(batch.id)


main(sys.argv[1])
