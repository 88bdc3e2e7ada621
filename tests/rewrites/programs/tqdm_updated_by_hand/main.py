import tqdm
from openai import OpenAI


def run(lines):
    client = OpenAI()
    failures = 0
    with tqdm.tqdm(total=len(lines), unit="review") as bar:
        for line in lines:
            try:
                response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}")
                print(response.output_text)
            except Exception:
                failures += 1
            finally:
                bar.update(1)
                bar.set_postfix(failures=failures)
    return failures


with open("rough.txt", encoding="utf-8") as file:
    print(run(file.read().splitlines()), "failed")
