import threading
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()
lock = threading.Lock()
totals = {"praise": 0, "complaint": 0}


def count(text):
    label = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}").output_text
    with lock:
        totals[label] += 1


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
with ThreadPoolExecutor(max_workers=4) as pool:
    for text in texts:
        pool.submit(count, text)
print(totals)
