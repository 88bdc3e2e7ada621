from openai import OpenAI

client = OpenAI()
results, failed = [], []

for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}")
        results.append(response.output_text)
    except Exception as error:
        failed.append(line)
        print("skipping", line, type(error).__module__.split(".")[0])
        continue

print(len(results), "results", len(failed), "failures")
print(results)
