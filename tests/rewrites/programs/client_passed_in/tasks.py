from openai import OpenAI


def describe(client: OpenAI, book: dict) -> str:
    response = client.responses.create(model="gpt-5-mini", input=f"Describe {book['title']}")
    return response.output_text


def describe_books(client: OpenAI, books: list[dict]) -> None:
    for book in books:
        print(book["title"], describe(client, book), sep=": ")
