import json

from openai import OpenAI

client = OpenAI()
books = json.load(open("books.json", encoding="utf-8"))
titles = [book["title"] for book in books]
authors = [book["author"] for book in books]
facts = {}

for title, author in zip(titles, authors):
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"Name one fact about {title} by {author}"}],
    )
    facts[title, author] = completion.choices[0].message.content

for key in sorted(facts):
    print(*key, facts[key])
