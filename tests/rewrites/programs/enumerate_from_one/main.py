from pathlib import Path

from openai import OpenAI

client = OpenAI()


def main() -> None:
    reviews = Path("reviews.txt").read_text(encoding="utf-8").splitlines()
    for number, review in enumerate(reviews, start=1):
        answer = client.responses.create(model="gpt-5-mini", input=f"Label this review, one of: praise, complaint\n{review}")
        print(f"{number}/{len(reviews)}: {answer.output_text}")
    print("last number", number)


main()
