from groq import Groq

client = Groq()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    completion = client.chat.completions.create(
        model="llama-3.3-70b-versatile",
        messages=[{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": line}],
    )
    print(completion.choices[0].message.content)
