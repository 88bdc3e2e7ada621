import os
import time

from mistralai.client import Mistral

client = Mistral(api_key=os.environ["MISTRAL_API_KEY"], server_url=os.environ["BASE"] + "/mistral")


def submit(reviews):
    requests = []
    for number, review in enumerate(reviews):
        requests.append({"custom_id": str(number), "body": {"max_tokens": 50, "messages": [{"role": "user", "content": review}]}})
    return client.batch.jobs.create(endpoint="/v1/chat/completions", model="mistral-small-latest", requests=requests)


job = submit(open("reviews.txt", encoding="utf-8").read().splitlines())
done = False
while not done:
    job = client.batch.jobs.get(job_id=job.id)
    done = job.status == "SUCCESS"
    time.sleep(1)
print(job.status)
