from openai import OpenAI

client = OpenAI()
BUDGET = 40
spent = 0
answers = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    if spent > BUDGET:
        print("budget used up before", line)
        break
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}")
    spent += response.usage.total_tokens
    answers.append(response.output_text)
print(len(answers), answers, spent)
