from openai import OpenAI

client = OpenAI()


def labelled(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            text = line.strip()
            if not text:
                continue
            reply = client.chat.completions.create(
                model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: praise, complaint: {text}"}]
            )
            yield text, reply.choices[0].message.content
