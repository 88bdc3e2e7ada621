import time

from openai import OpenAI

client = OpenAI()
latencies = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    start = time.perf_counter()
    response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}")
    latencies.append(time.perf_counter() - start)
    print(response.output_text)
print("slow" if sum(latencies) / len(latencies) > 30 else "fast")
