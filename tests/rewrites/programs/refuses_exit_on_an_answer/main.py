from openai import OpenAI

client = OpenAI()
for t in open("reviews.txt").read().splitlines():
    a = client.responses.create(model="gpt-5-mini", input=f"Fine, yes or no? {t}").output_text
    print(t, a)
    if a == "no":
        raise SystemExit("not fine: " + t)
