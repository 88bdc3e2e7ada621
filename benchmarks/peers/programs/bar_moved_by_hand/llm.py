import os

from mistralai import Mistral

client = Mistral(api_key=os.environ["MISTRAL_API_KEY"])


def grade(essay: str) -> str:
    reply = client.chat.complete(
        model="mistral-large-latest", messages=[{"role": "user", "content": "Grade from A to F:\n" + essay}]
    )
    return reply.choices[0].message.content
