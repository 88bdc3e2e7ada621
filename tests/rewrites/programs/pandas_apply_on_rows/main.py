import pandas as pd
from openai import OpenAI


def reply(row):
    if pd.isna(row["text"]):
        return "nothing to answer"
    response = client.responses.create(model="gpt-5-mini", input=f"Dear {row['customer']}, about: {row['text']}")
    return response.output_text


client = OpenAI()
tickets = pd.read_csv("tickets.csv")
tickets["reply"] = tickets.apply(reply, axis=1)
print(tickets[["customer", "reply"]].to_csv(index=False))
