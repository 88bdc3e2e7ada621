from collections import Counter, defaultdict

from openai import OpenAI

client = OpenAI()
labels = Counter()
examples = defaultdict(list)
tokens = 0
longest = None

for line in open("reviews.txt", encoding="utf-8"):
    line = line.strip()
    response = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {line}")
    label = response.output_text
    labels[label] += 1
    examples[label].append(line)
    tokens += response.usage.output_tokens
    if longest is None or len(line) > len(longest):
        longest = line

print(labels.most_common(), dict(examples), tokens, longest)
print("last:", line, label)
