from collections.abc import Callable

from openai import OpenAI


def make_translator(client: OpenAI, language: str) -> Callable[[str], str]:
    instructions = f"Translate into {language}."

    def translate(text: str) -> str:
        response = client.responses.create(model="gpt-5-mini", instructions=instructions, input=text)
        return response.output_text

    return translate


def main() -> None:
    translate = make_translator(OpenAI(), "Dutch")
    with open("reviews.txt", encoding="utf-8") as file:
        for line in file.read().splitlines():
            print(translate(line))


main()
