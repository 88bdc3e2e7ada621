import json

from openai import OpenAI

client = OpenAI()
glossary = {}
for slug, text in json.load(open("articles.json", encoding="utf-8")).items():
    known = ", ".join(sorted(glossary))
    response = client.responses.create(model="gpt-5-mini", input=f"Name a new term other than {known} in: {text}")
    glossary[response.output_text] = slug
print(glossary)
