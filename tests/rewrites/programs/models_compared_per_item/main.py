from openai import OpenAI

client = OpenAI()
MODELS = ["gpt-5", "gpt-5-mini"]
for text in open("reviews.txt").read().splitlines():
    answers = {}
    for model in MODELS:
        answers[model] = client.responses.create(model=model, input=text).output_text
    winner = max(MODELS, key=lambda m: len(answers[m]))
    print(text, winner, answers[winner])
