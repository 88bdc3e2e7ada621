import openai

client = openai.OpenAI(max_retries=0)
answers = []
try:
    for line in open("rough.txt", encoding="utf-8").read().splitlines():
        completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": line}])
        answers.append(completion.choices[0].message.content)
except openai.APIError as error:
    print("stopped by", type(error).__name__)
print(answers)
