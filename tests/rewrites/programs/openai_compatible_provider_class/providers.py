from abc import ABC, abstractmethod

import anthropic
import openai


class Provider(ABC):
    @abstractmethod
    def complete(self, prompt: str) -> str: ...


class OpenAIProvider(Provider):
    def __init__(self) -> None:
        self.client = openai.OpenAI()

    def complete(self, prompt: str) -> str:
        completion = self.client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
        return completion.choices[0].message.content or ""


class AnthropicProvider(Provider):
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()

    def complete(self, prompt: str) -> str:
        message = self.client.messages.create(
            model="claude-haiku-4-5", max_tokens=100, messages=[{"role": "user", "content": prompt}]
        )
        return message.content[0].text


def make_provider(name: str) -> Provider:
    if name == "openai":
        return OpenAIProvider()
    return AnthropicProvider()
