import json
import os

from openai import OpenAI

client = OpenAI()
OUT = "done.jsonl"


def finished():
    if not os.path.exists(OUT):
        return set()
    with open(OUT, encoding="utf-8") as file:
        return {json.loads(line)["text"] for line in file}


def main():
    done = finished()
    with open("reviews.txt", encoding="utf-8") as source, open(OUT, "a", encoding="utf-8") as target:
        for line in source:
            text = line.strip()
            if text in done:
                print("already done:", text)
                continue
            response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
            target.write(json.dumps({"text": text, "summary": response.output_text}) + "\n")
            target.flush()


main()
