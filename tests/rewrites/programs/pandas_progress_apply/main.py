import pandas as pd
from openai import OpenAI
from tqdm import tqdm

tqdm.pandas(desc="labelling")
client = OpenAI()


def label(text):
    return client.responses.create(model="gpt-5-mini", input=f"One of: calm, tense: {text}").output_text


books = pd.read_json("books.json")
books["mood"] = books["blurb"].progress_apply(label)
print(books[["title", "mood"]].to_csv(index=False))
