from openai import OpenAI


class Glossary:
    known: list[str] = []

    def __init__(self) -> None:
        self.client = OpenAI()

    def term(self, text: str) -> str:
        prompt = f"Known terms: {', '.join(Glossary.known)}. Name the main term of: {text}"
        answer = self.client.responses.create(model="gpt-5-mini", input=prompt).output_text
        Glossary.known.append(answer)
        return answer


glossary = Glossary()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(glossary.term(line))
