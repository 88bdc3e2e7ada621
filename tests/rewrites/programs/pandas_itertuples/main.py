import pandas as pd
from openai import OpenAI


def main():
    client = OpenAI()
    books = pd.read_json("books.json")
    keywords = []
    for book in books.itertuples(index=False):
        answer = client.responses.create(model="gpt-5-mini", input=f"Keywords for {book.title} by {book.author}: {book.blurb}")
        keywords.append(answer.output_text)
    books["keywords"] = keywords
    print(books.to_csv(index=False))


main()
