from abc import ABC, abstractmethod

from openai import OpenAI


class Scorer(ABC):
    @abstractmethod
    def score(self, text: str) -> int: ...


class LengthScorer(Scorer):
    def score(self, text: str) -> int:
        return len(text)


class ModelScorer(Scorer):
    def __init__(self, model: str) -> None:
        self._client = OpenAI()
        self._model = model

    def score(self, text: str) -> int:
        reply = self._client.responses.create(model=self._model, input=f"Rate from 1 to 9: {text}")
        return int(reply.output_text)


def score_all(scorer: Scorer, texts: list[str]) -> list[int]:
    scores = []
    for text in texts:
        scores.append(scorer.score(text))
    return scores
