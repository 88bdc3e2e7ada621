import threading

from openai import OpenAI

client = OpenAI()
results = {}


def work(text):
    results[text] = client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}").output_text


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
threads = [threading.Thread(target=work, args=(text,)) for text in texts]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for text in texts:
    print(results[text])
