from openai import OpenAI

client = OpenAI()


def samples(prompt, number):
    texts = []
    for _ in range(number):
        answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
        texts.append(answer.choices[0].message.content)
    return texts


for review in open("reviews.txt", encoding="utf-8").read().splitlines():
    try:
        print(samples(review, 3))
    except ValueError as error:
        print(error)
