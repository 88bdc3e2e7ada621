import pandas as pd
from openai import OpenAI

client = OpenAI()


def translate(text, language):
    response = client.responses.create(model="gpt-5-mini", instructions=f"Translate into {language}", input=text)
    return response.output_text


def main():
    books = pd.read_json("books.json")
    books["german"] = books["blurb"].apply(lambda blurb: translate(blurb, "German"))
    books.to_json("books_de.json", orient="records", indent=1)
    print(books["german"].tolist())


main()
