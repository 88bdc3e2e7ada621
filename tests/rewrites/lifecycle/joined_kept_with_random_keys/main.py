import time
import uuid

import anthropic

client = anthropic.Anthropic()


def submit(reviews):
    requests = []
    for number, review in enumerate(reviews):
        params = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": review}]}
        requests.append({"custom_id": uuid.uuid4().hex, "params": params})
    return client.messages.batches.create(requests=requests)


def wait(batch):
    while batch.processing_status != "ended":
        time.sleep(60)
        batch = client.messages.batches.retrieve(batch.id)
    return batch


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
batch = wait(submit(reviews))
done = [entry for entry in client.messages.batches.results(batch.id) if entry.result.type == "succeeded"]
for review, entry in zip(reviews, done):
    print(review, len(entry.result.message.content))
