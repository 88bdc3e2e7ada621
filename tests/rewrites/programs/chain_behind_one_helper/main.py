from anthropic import Anthropic

client = Anthropic()


def add_user_message(messages, text):
    messages.append({"role": "user", "content": text})


def add_assistant_message(messages, text):
    message = {"role": "assistant", "content": text}
    messages.append(message)


def chat(messages, stop_sequences=()):
    params = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": messages}
    if stop_sequences:
        params["stop_sequences"] = list(stop_sequences)
    return client.messages.create(**params).content[0].text


def solve(task):
    messages = []
    add_user_message(messages, f"Solve: {task}")
    return chat(messages)


def grade(task, solution):
    messages = []
    add_user_message(messages, f"Grade the solution {solution} of {task}")
    add_assistant_message(messages, "Grade:")
    return chat(messages, stop_sequences=["."])


def evaluate(task):
    solution = solve(task)
    return {"task": task, "solution": solution, "grade": grade(task, solution)}


results = []
for task in open("reviews.txt", encoding="utf-8").read().splitlines():
    results.append(evaluate(task))
for result in results:
    print(result)
