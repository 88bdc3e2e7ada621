from openai import OpenAI


def main():
    client = OpenAI()
    answers = {}
    lines = open("reviews.txt", encoding="utf-8").read().splitlines()
    for line in lines + ["EXPIRE_JOB one more"]:
        try:
            completion = client.chat.completions.create(
                model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: long, short: {line}"}]
            )
        except Exception:
            answers[line] = None
        else:
            answers[line] = completion.choices[0].message.content
    print(answers)


main()
