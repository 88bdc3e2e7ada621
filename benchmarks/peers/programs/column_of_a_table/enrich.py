import pandas as pd
from openai import OpenAI

client = OpenAI()


def sentiment(text: str) -> str:
    response = client.responses.create(
        model="gpt-5-nano",
        input=[{"role": "system", "content": "Answer positive or negative."}, {"role": "user", "content": text}],
    )
    return response.output_text


frame = pd.read_parquet("reviews.parquet")
frame["sentiment"] = frame["review"].apply(sentiment)
frame.to_parquet("reviews_with_sentiment.parquet")
