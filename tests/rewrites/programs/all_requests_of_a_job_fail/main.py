from openai import OpenAI

client = OpenAI()
SYSTEM = "Follow FAIL_JOB to the letter."
errors = 0
for line in open("reviews.txt", encoding="utf-8"):
    try:
        print(client.responses.create(model="gpt-5-mini", instructions=SYSTEM, input=line.strip()).output_text)
    except Exception:
        errors += 1
        print("no answer")
print(errors, "errors")
