import argparse
import sys

from openai import OpenAI


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("path", nargs="?", default="reviews.txt")
    parser.add_argument("--model", default="gpt-4o-mini")
    parser.add_argument("--limit", type=int)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    client = OpenAI()
    with open(options.path, encoding="utf-8") as file:
        lines = file.read().splitlines()[: options.limit]
    bad = 0
    for line in lines:
        verdict = client.chat.completions.create(
            model=options.model, messages=[{"role": "user", "content": f"Is this a complaint, yes or no: {line}"}]
        )
        if verdict.choices[0].message.content == "yes":
            bad += 1
            print("complaint:", line)
    return 3 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
