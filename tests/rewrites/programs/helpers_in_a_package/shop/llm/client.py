from functools import lru_cache

from openai import OpenAI


@lru_cache(maxsize=1)
def get_client() -> OpenAI:
    return OpenAI()


def complete(prompt: str, *, model: str = "gpt-5-mini") -> str:
    return get_client().responses.create(model=model, input=prompt).output_text
