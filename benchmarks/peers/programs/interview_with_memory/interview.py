import json
from pathlib import Path

from openai import OpenAI


class Interview:
    def __init__(self) -> None:
        self.client = OpenAI()
        self.messages: list[dict] = [{"role": "system", "content": "You are the founder of a small bakery."}]

    def ask(self, question: str) -> str:
        self.messages.append({"role": "user", "content": question})
        reply = self.client.chat.completions.create(model="gpt-5", messages=self.messages)
        answer = reply.choices[0].message.content
        self.messages.append({"role": "assistant", "content": answer})
        return answer


def main(questions: list[str]) -> None:
    interview = Interview()
    for question in questions:
        print(interview.ask(question))


main(json.loads(Path("questions.json").read_text()))
