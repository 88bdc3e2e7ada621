import queue

from openai import OpenAI

client = OpenAI()
todo = queue.Queue()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    todo.put(line)
while not todo.empty():
    text = todo.get()
    print(client.responses.create(model="gpt-5-mini", input=text).output_text)
    todo.task_done()
print(todo.qsize())
