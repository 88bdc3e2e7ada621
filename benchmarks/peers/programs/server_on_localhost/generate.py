import json

from openai import OpenAI

client = OpenAI(base_url="http://localhost:8000/v1", api_key="-")


def main() -> None:
    with open("prompts.txt") as prompts, open("answers.jsonl", "w") as answers:
        for prompt in prompts:
            reply = client.chat.completions.create(
                model="Qwen/Qwen3-8B", messages=[{"role": "user", "content": prompt}]
            )
            answers.write(json.dumps({"prompt": prompt, "answer": reply.choices[0].message.content}) + "\n")


main()
