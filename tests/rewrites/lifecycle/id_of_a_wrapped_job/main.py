import json

from together import Together

client = Together()


def run(path):
    lines = []
    for number, review in enumerate(open(path, encoding="utf-8").read().splitlines()):
        body = {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", "messages": [{"role": "user", "content": review}]}
        lines.append({"custom_id": str(number), "body": body})
    with open("requests.jsonl", "w", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, lines)))
    upload = client.files.upload("requests.jsonl", purpose="batch-api")
    client.batches.create(input_file_id=upload.id, endpoint="/v1/chat/completions")
    print("submitted", len(lines))


run("reviews.txt")
