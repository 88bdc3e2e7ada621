from openai import OpenAI

client = OpenAI()


def first_complaint(texts):
    for text in texts:
        answer = client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"Complaint, yes or no? {text}"}]
        )
        if answer.choices[0].message.content.startswith("yes"):
            return text
    return None


print(first_complaint(open("reviews.txt", encoding="utf-8").read().splitlines()))
