import time

import anthropic

client = anthropic.Anthropic()


def submit(reviews):
    requests = []
    for number, review in enumerate(reviews):
        params = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": review}]}
        requests.append({"custom_id": f"review-{number}", "params": params})
    return client.messages.batches.create(requests=requests)


def wait(batch):
    while batch.processing_status != "ended":
        time.sleep(60)
        batch = client.messages.batches.retrieve(batch.id)
    return batch


def report(reviews, batch_id):
    for number, entry in enumerate(client.messages.batches.results(batch_id)):
        if entry.result.type == "succeeded":
            print(reviews[number], "->", entry.result.message.content[0].text)


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
report(reviews, wait(submit(reviews)).id)
