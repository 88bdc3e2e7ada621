import json

from openai import OpenAI


def advertise(*, client: OpenAI, title: str, author: str, words: int = 10) -> str:
    response = client.responses.create(
        model="gpt-5-mini",
        input=[
            {"role": "developer", "content": f"Use at most {words} words."},
            {"role": "user", "content": f"Advertise {title} by {author}"},
        ],
    )
    return response.output_text


client = OpenAI()
for book in json.load(open("books.json", encoding="utf-8")):
    print(advertise(client=client, title=book["title"], author=book["author"]))
