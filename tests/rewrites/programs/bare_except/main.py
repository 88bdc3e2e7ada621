from openai import OpenAI

client = OpenAI()
results = []
failures = 0
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        results.append(client.responses.create(model="gpt-5-mini", input=line).output_text)
    except:
        failures += 1
        results.append(None)
        print("failed:", line)
print(failures, results)
