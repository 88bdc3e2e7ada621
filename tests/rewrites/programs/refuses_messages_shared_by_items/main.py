from anthropic import Anthropic

client = Anthropic()
messages = []


def add_user_message(messages, text):
    messages.append({"role": "user", "content": text})


def solve(task):
    add_user_message(messages, f"Solve: {task}")
    return client.messages.create(model="claude-haiku-4-5", max_tokens=50, messages=messages[-1:]).content[0].text


for task in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(solve(task))
print(len(messages))
