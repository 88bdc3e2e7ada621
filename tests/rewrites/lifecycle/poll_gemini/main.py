import time

from google import genai
from google.genai import types

client = genai.Client()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
job = client.batches.create(model="gemini-3-flash", src=[{"contents": review} for review in reviews])
while job.state != types.JobState.JOB_STATE_SUCCEEDED:
    time.sleep(30)
    job = client.batches.get(name=job.name)
for review, item in zip(reviews, job.dest.inlined_responses):
    print(review, item.response.text if item.response else item.error)
