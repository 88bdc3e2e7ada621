import pandas as pd
from openai import OpenAI


class Grader:
    def __init__(self):
        self.client = OpenAI()

    def grade(self, text):
        completion = self.client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"Grade from 1 to 10: {text}"}]
        )
        return int(completion.choices[0].message.content)


books = pd.read_json("books.json")
books["grade"] = books["blurb"].map(Grader().grade)
print(books.sort_values("title")[["title", "grade"]].to_string(index=False))
