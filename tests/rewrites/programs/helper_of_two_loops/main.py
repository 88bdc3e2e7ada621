from openai import OpenAI


class Model:
    def __init__(self):
        self.client = OpenAI()

    def ask(self, text):
        answer = self.client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
        return answer.choices[0].message.content


def label(model, texts):
    labels = []
    for text in texts:
        labels.append(model.ask(f"Label: {text}"))
    return labels


def summarise(model, texts):
    summaries = {}
    for text in texts:
        summaries[text] = model.ask(f"Summarise: {text}")
    return summaries


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
print(label(Model(), reviews))
print(summarise(Model(), reviews))
