from openai import OpenAI

client = OpenAI(max_retries=0)
style = "long"
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        print(client.responses.create(model="gpt-5-mini", input=f"A {style} answer to: {line}").output_text)
    except Exception:
        style = "short"
