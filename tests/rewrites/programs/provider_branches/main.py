from anthropic import Anthropic
from openai import OpenAI


class LLM:
    def __init__(self, provider):
        self.provider = provider
        self.client = OpenAI() if provider == "openai" else Anthropic()

    def generate(self, prompt):
        if self.provider == "openai":
            response = self.client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
            return response.choices[0].message.content
        response = self.client.messages.create(model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": prompt}])
        return response.content[0].text


def compare(texts):
    one, other = LLM("openai"), LLM("anthropic")
    same = 0
    for text in texts:
        first, second = one.generate(f"One of: good, bad: {text}"), other.generate(f"One of: good, bad: {text}")
        same += first == second
        print(text, first, second)
    return same


print(compare(open("reviews.txt", encoding="utf-8").read().splitlines()))
