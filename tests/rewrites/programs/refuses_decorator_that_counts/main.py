import functools
from openai import OpenAI

client = OpenAI()
CALLS = {}


def counted(fn):
    @functools.wraps(fn)
    def inner(*a, **k):
        CALLS[fn.__name__] = CALLS.get(fn.__name__, 0) + 1
        return fn(*a, **k)
    return inner


@counted
def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text


for line in open("reviews.txt").read().splitlines():
    print(ask(line))
print(CALLS)
