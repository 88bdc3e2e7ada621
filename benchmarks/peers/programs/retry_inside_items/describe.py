import json
import time

from groq import Groq, RateLimitError

client = Groq()


def main(products: list[dict]) -> list[str]:
    descriptions = []
    for product in products:
        for attempt in range(5):
            try:
                answer = client.chat.completions.create(
                    model="llama-3.3-70b-versatile",
                    messages=[{"role": "user", "content": "Describe in one sentence: " + json.dumps(product)}],
                )
            except RateLimitError:
                time.sleep(2**attempt)
            else:
                descriptions.append(answer.choices[0].message.content)
                break
    return descriptions
