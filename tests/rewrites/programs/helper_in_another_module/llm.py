"""The one place where this project talks to a model."""

from openai import OpenAI

_client = OpenAI()
MODEL = "gpt-4o-mini"


def ask(prompt, system="You are a helpful assistant.", temperature=0.0):
    completion = _client.chat.completions.create(
        model=MODEL,
        temperature=temperature,
        messages=[{"role": "system", "content": system}, {"role": "user", "content": prompt}],
    )
    return completion.choices[0].message.content
