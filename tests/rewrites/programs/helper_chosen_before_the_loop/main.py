import sys

from openai import OpenAI

client = OpenAI()


def summarise(text):
    return client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}]).choices[0].message.content


def classify(text):
    answer = client.chat.completions.create(model="gpt-4o-mini", temperature=0, messages=[{"role": "user", "content": f"One word: {text}"}])
    return answer.choices[0].message.content


def run(texts, kind):
    answers = {}
    ask = summarise if kind == "summaries" else classify
    for text in texts:
        answers[text] = ask(text)
        with open(f"{kind}.txt", "w", encoding="utf-8") as file:
            file.write(repr(answers))
    return answers


print(run(open("reviews.txt", encoding="utf-8").read().splitlines(), "labels" if len(sys.argv) < 2 else "summaries"))
