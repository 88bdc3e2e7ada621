from openai import OpenAI

client = OpenAI()
lines = [line for line in open("reviews.txt", encoding="utf-8") if line.strip()]


def stars(text):
    return int(client.responses.create(model="gpt-5-mini", input=f"Rate from 1 to 5: {text}").output_text)


total = sum(stars(line) for line in lines)
print(f"average {total / len(lines):.2f}")
