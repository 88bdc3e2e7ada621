from openai import OpenAI

client = OpenAI()
texts = open("reviews.txt", encoding="utf-8").read().splitlines()
print(
    next(
        (
            text
            for text in texts
            if client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Complaint, yes or no? {text}"}])
            .choices[0]
            .message.content
            == "yes"
        ),
        None,
    )
)
