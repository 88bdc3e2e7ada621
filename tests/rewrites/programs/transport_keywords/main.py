from openai import OpenAI

client = OpenAI()
for number, line in enumerate(open("reviews.txt", encoding="utf-8")):
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": line.strip()}],
        timeout=30.0,
        extra_headers={"X-Request": str(number)},
        extra_body={"reasoning_effort": "low", "user": "nightly"},
    )
    print(completion.choices[0].message.content)
