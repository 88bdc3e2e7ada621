from openai import OpenAI

client = OpenAI()


def ask(text: str) -> str:
    response = client.with_options(timeout=10, max_retries=5).responses.create(model="gpt-5-mini", input=text)
    return response.output_text


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
