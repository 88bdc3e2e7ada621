import time

import openai

client = openai.OpenAI(max_retries=0)


def ask(text, attempts=3):
    for attempt in range(attempts):
        try:
            response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
            return response.output_text
        except openai.RateLimitError:
            if attempt == attempts - 1:
                raise
            time.sleep(2**attempt)


for line in open("busy.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
