from together import Together

client = Together()


def ask(text: str) -> str:
    response = client.chat.completions.create(
        model="meta-llama/Llama-3.3-70B-Instruct-Turbo", messages=[{"role": "user", "content": text}], max_tokens=64
    )
    return response.choices[0].message.content


with open("reviews.txt", encoding="utf-8") as file:
    print([ask(line.strip()) for line in file])
