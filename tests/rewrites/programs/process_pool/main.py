from concurrent.futures import ProcessPoolExecutor

from openai import OpenAI


def ask(text):
    return OpenAI().responses.create(model="gpt-5-mini", input=text).output_text


if __name__ == "__main__":
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    with ProcessPoolExecutor(max_workers=2) as pool:
        print(list(pool.map(ask, texts)))
