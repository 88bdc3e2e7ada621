import hashlib
from openai import OpenAI


class Summariser:
    """Summaries of reviews, each text asked only once."""

    MODEL = "gpt-5-mini"

    def __init__(self, client=None):
        self._client = client or OpenAI()
        self._cache = {}
        self.hits = 0

    def _key(self, text):
        return hashlib.md5(text.encode()).hexdigest()

    def summarise(self, text):
        key = self._key(text)
        if key in self._cache:
            self.hits += 1
            return self._cache[key]
        reply = self._client.responses.create(model=self.MODEL, input=f"Summarise: {text}")
        self._cache[key] = reply.output_text.strip()
        return self._cache[key]


if __name__ == "__main__":
    summariser = Summariser()
    lines = open("reviews.txt", encoding="utf-8").read().splitlines()
    for line in lines + lines[:2]:
        print(line, "->", summariser.summarise(line))
    print("cache hits:", summariser.hits)
