from functools import partial

from litellm import completion

ask = partial(completion, model="anthropic/claude-haiku-4-5", max_tokens=50)


def keywords(abstract: str) -> str:
    reply = ask(messages=[{"role": "user", "content": "Five keywords, separated by commas:\n" + abstract}])
    return reply.choices[0].message.content


def main() -> None:
    with open("abstracts.txt") as source, open("keywords.txt", "w") as target:
        for line in map(keywords, source):
            target.write(line + "\n")


main()
