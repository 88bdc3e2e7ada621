from openai import OpenAI

client = OpenAI()
settings = {"temperature": 0.0}


def ask(text):
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": f"Rate from 1 to 9: {text}"}], temperature=settings["temperature"]
    )
    return int(completion.choices[0].message.content)


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    score = ask(line)
    print(score)
    settings["temperature"] = score / 10
