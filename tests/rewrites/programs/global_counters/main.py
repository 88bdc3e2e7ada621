from openai import OpenAI

client = OpenAI()
TOTAL_TOKENS = 0
CALLS = 0


def ask(text):
    global TOTAL_TOKENS, CALLS
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    TOTAL_TOKENS += completion.usage.total_tokens
    CALLS += 1
    return completion.choices[0].message.content


answers = []
for line in open("reviews.txt", encoding="utf-8"):
    answers.append(ask(f"Proofread: {line.strip()}"))
print(answers)
print(CALLS, "calls,", TOTAL_TOKENS, "tokens")
