from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI
from tqdm import tqdm

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text


texts = open("reviews.txt", encoding="utf-8").read().splitlines()
with ThreadPoolExecutor(8) as pool:
    answers = list(tqdm(pool.map(ask, texts), total=len(texts)))
print(answers)
