from typing import Literal

from openai import OpenAI
from pydantic import BaseModel


class Verdict(BaseModel):
    sentiment: Literal["positive", "negative", "neutral"]
    stars: int
    topics: list[str]


client = OpenAI()


def judge(text: str) -> Verdict:
    response = client.responses.parse(model="gpt-5-mini", input=f"Judge this review: {text}", text_format=Verdict)
    verdict = response.output_parsed
    assert verdict is not None
    return verdict


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    verdict = judge(line)
    print(verdict.sentiment, verdict.stars, verdict.topics)
