from openai import OpenAI

client = OpenAI(max_retries=0)
answers = []
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        answers.append(client.responses.create(model="gpt-5-mini", input=line).output_text)
    except Exception:
        print("stopping at", line)
        break
print(answers)
