from concurrent.futures import ThreadPoolExecutor, wait

from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text


lines = open("rough.txt", encoding="utf-8").read().splitlines()
with ThreadPoolExecutor(max_workers=3) as pool:
    futures = {line: pool.submit(ask, line) for line in lines}
    wait(futures.values())
for line, future in futures.items():
    print(line, "failed" if future.exception() else future.result())
