from openai import OpenAI

client = OpenAI()
ask = lambda t, l: client.responses.create(model="gpt-5-mini", input=f"{l}: {t}").output_text
table = {t: {l: ask(t, l) for l in ("de", "fr")} for t in open("reviews.txt").read().splitlines()}
for t, row in table.items():
    print(t, row["de"], row["fr"], sep="\t")
