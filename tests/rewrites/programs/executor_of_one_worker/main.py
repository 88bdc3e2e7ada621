from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def proofread(text):
    return client.responses.create(model="gpt-5-mini", input=f"Proofread: {text}").output_text


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
with ThreadPoolExecutor(max_workers=1) as pool:
    print(list(pool.map(proofread, texts)))
