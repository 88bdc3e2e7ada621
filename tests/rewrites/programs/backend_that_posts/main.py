import sys

import requests
from openai import OpenAI

client = OpenAI()
URL = "https://translate.example/v2"


class Translator:
    def __init__(self, backend):
        self.backend = backend
        self.sent = 0

    def translate(self, text):
        if self.backend == "openai":
            answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Into German: {text}"}])
            return answer.choices[0].message.content
        elif self.backend == "service":
            self.sent += 1
            response = requests.post(URL, json={"text": text}, timeout=10)
            return response.json()["translation"]
        elif self.backend == "counted":
            self.sent += 1
            return f"{self.sent}: {text}"
        raise ValueError(self.backend)


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
for backend in sys.argv[1:] or ["openai", "counted"]:
    translator = Translator(backend)
    for review in reviews:
        print(translator.translate(review))
    print(translator.sent)
