import json

from openai import OpenAI


def summarise_all(client, books):
    summaries = []
    for book in books:
        completion = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[
                {"role": "system", "content": "You write blurbs for a bookshop."},
                {"role": "user", "content": f"Summarise {book['title']}: {book['blurb']}"},
            ],
            temperature=0.2,
            max_tokens=80,
        )
        summaries.append({"title": book["title"], "summary": completion.choices[0].message.content})
    return summaries


def main():
    with open("books.json", encoding="utf-8") as file:
        books = json.load(file)
    for entry in summarise_all(OpenAI(), books):
        print(entry["title"], "->", entry["summary"])


if __name__ == "__main__":
    main()
