import time

from google import genai

client = genai.Client()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
job = client.batches.create(model="gemini-3-flash", src=[{"contents": review} for review in reviews])
while not job.done:
    time.sleep(30)
    job = client.batches.get(name=job.name)
for review, item in zip(reviews, job.dest.inlined_responses):
    print(review, item.response.text)
