from openai import OpenAI

client = OpenAI()


def ask(prompt: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=prompt).output_text


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
summaries = [ask(f"Summarise: {review}") for review in reviews]
report = []
for review, summary in zip(reviews, summaries):
    report.append(f"{review} | {ask(f'Translate: {summary}')}")
print("\n".join(report))
