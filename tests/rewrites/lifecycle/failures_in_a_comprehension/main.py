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


def answers(batch_id):
    return {entry.custom_id: entry.result.message.content[0].text for entry in client.messages.batches.results(batch_id)}


batch = wait(submit(open("reviews.txt", encoding="utf-8").read().splitlines()))
for custom_id, answer in sorted(answers(batch.id).items()):
    print(custom_id, answer)
