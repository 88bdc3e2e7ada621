from openai import OpenAI

client = OpenAI(max_retries=0)
failures = 0
for line in ["FAIL_ITEM a", "FAIL_ITEM b"] + open("reviews.txt", encoding="utf-8").read().splitlines():
    if failures >= 2:
        raise SystemExit("too many failures")
    try:
        print(client.responses.create(model="gpt-5-mini", input=line).output_text)
        failures = 0
    except Exception:
        failures += 1
