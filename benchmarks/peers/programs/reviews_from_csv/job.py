import csv
import sys

from openai import OpenAI

client = OpenAI()


def main(path: str) -> None:
    with open(path, newline="") as source:
        reviews = list(csv.DictReader(source))
    writer = csv.writer(sys.stdout)
    for review in reviews:
        answer = client.chat.completions.create(
            model="gpt-5-mini",
            messages=[{"role": "user", "content": f"Is this review positive? {review['text']}"}],
        )
        writer.writerow([review["id"], answer.choices[0].message.content])


if __name__ == "__main__":
    main(sys.argv[1])
