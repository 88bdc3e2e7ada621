import queue
import threading

from openai import OpenAI

client = OpenAI()
todo = queue.Queue(maxsize=2)
answers = []


def work():
    while True:
        line = todo.get()
        if line is None:
            break
        answers.append(client.responses.create(model="gpt-5-mini", input=f"Shorten: {line}").output_text)
        todo.task_done()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    todo.put(line)
todo.join()  # each answer makes room for another line
for thread in threads:
    todo.put(None)
for thread in threads:
    thread.join()
print(sorted(answers))
