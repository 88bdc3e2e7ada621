from openai import OpenAI

client = OpenAI()


def label(text: str) -> str:
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: praise, complaint, question: {text}"}]
    )
    return completion.choices[0].message.content


def main() -> None:
    with open("reviews.txt", encoding="utf-8") as file:
        texts = file.read().splitlines()
    for text, found in zip(texts, map(label, texts)):
        print(f"{found:10} {text}")


main()
