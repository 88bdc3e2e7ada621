from openai import OpenAI


class Labels:
    client = OpenAI()
    model = "gpt-4o-mini"

    @classmethod
    def label(cls, text: str) -> str:
        completion = cls.client.chat.completions.create(
            model=cls.model, messages=[{"role": "user", "content": cls.prompt(text)}]
        )
        return completion.choices[0].message.content

    @staticmethod
    def prompt(text: str) -> str:
        return f"One of: praise, complaint: {text}"


for line in open("reviews.txt", encoding="utf-8"):
    print(Labels.label(line.strip()))
