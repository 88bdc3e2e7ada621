import functools

from openai import OpenAI

client = OpenAI()


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        print(f"{function.__name__}{args}")
        result = function(*args)
        print("  returned", result)
        return result

    return wrapper


@logged
def title(text):
    return client.responses.create(model="gpt-5-mini", input=f"Title: {text}").output_text


titles = [title(line) for line in open("reviews.txt", encoding="utf-8").read().splitlines()]
print(titles)
