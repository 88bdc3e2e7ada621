import json

from openai import OpenAI

client = OpenAI()
TOOL = {
    "type": "function",
    "function": {
        "name": "record_ticket",
        "parameters": {"type": "object", "properties": {"topic": {"type": "string"}, "urgency": {"type": "integer"}}},
    },
}


def extract(text):
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": text}],
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "record_ticket"}},
    )
    return json.loads(completion.choices[0].message.tool_calls[0].function.arguments)


rows = []
for review in open("reviews.txt", encoding="utf-8"):
    rows.append(extract(review.strip()))
print(rows)
