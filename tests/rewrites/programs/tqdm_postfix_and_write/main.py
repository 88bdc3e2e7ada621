from tqdm import tqdm
from openai import OpenAI

client = OpenAI()
lines = open("reviews.txt").read().splitlines()
bar = tqdm(lines, desc="asking")
lengths = []
for line in bar:
    bar.set_postfix(text=line[:5])
    answer = client.responses.create(model="gpt-5-mini", input=line).output_text
    lengths.append(len(answer))
    tqdm.write(answer)
print(sum(lengths))
