from functools import lru_cache

from openai import OpenAI

client = OpenAI()


@lru_cache(maxsize=None)
def translate(word: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=f"Translate: {word}").output_text


words = open("reviews.txt", encoding="utf-8").read().split()
print([translate(word) for word in words])
