import argparse

from openai import OpenAI

client = OpenAI()
parser = argparse.ArgumentParser()
parser.add_argument("prompt")
parser.add_argument("--temperatures", type=float, nargs="+")
given = parser.parse_args()

for temperature in given.temperatures:
    reply = client.chat.completions.create(
        model="gpt-4o-mini", temperature=temperature, messages=[{"role": "user", "content": given.prompt}]
    )
    print(temperature, reply.choices[0].message.content)
