from contextlib import suppress

from openai import OpenAI, OpenAIError

client = OpenAI()
answers = {}
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    with suppress(OpenAIError):
        answers[line] = client.responses.create(model="gpt-5-mini", input=line).output_text
print(answers)
