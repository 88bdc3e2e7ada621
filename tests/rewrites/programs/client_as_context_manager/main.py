from pathlib import Path

from openai import OpenAI


def main() -> None:
    texts = Path("reviews.txt").read_text(encoding="utf-8").splitlines()
    with OpenAI() as client:
        for text in texts:
            response = client.responses.create(model="gpt-5-mini", input=f"Write a reply to: {text}")
            print(response.output_text)
    print("closed")


main()
