import queue
from openai import OpenAI

client = OpenAI()
q = queue.Queue()
for line in open("reviews.txt").read().splitlines():
    q.put(line)
results = []
while not q.empty():
    line = q.get()
    results.append((line, client.responses.create(model="gpt-5-mini", input=line).output_text))
    q.task_done()
print(results)
