from openai import OpenAI

client = OpenAI()
ask = lambda text: client.responses.create(model="gpt-5-mini", input=text).output_text  # noqa: E731

questions = open("reviews.txt", encoding="utf-8").read().splitlines()
answers = []
for question in questions:
    answers.append(ask(question))
print(answers)
