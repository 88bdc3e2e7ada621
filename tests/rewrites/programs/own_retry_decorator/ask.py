from openai import OpenAI, RateLimitError

from retrying import retry

client = OpenAI(max_retries=0)


@retry(RateLimitError, times=4, pause=1.0)
def ask(text: str) -> str:
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content
