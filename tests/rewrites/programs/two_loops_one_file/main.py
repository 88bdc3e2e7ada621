import json

from openai import OpenAI

client = OpenAI()


def titles(texts):
    found = []
    for text in texts:
        found.append(client.responses.create(model="gpt-5-mini", input=f"Give a title: {text}").output_text)
    return found


def grades(texts):
    result = {}
    for position, text in enumerate(texts):
        reply = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Grade from 1 to 6: {text}"}])
        result[position] = int(reply.choices[0].message.content)
    return result


texts = list(json.load(open("articles.json", encoding="utf-8")).values())
print(titles(texts))
print(grades(texts))
