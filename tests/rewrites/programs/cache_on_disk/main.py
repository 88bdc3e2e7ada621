import hashlib
import json
from pathlib import Path

from openai import OpenAI

client = OpenAI()
CACHE = Path("cache")
CACHE.mkdir(exist_ok=True)


def cached_completion(prompt):
    path = CACHE / (hashlib.md5(prompt.encode()).hexdigest() + ".json")
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))["answer"]
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
    answer = completion.choices[0].message.content
    path.write_text(json.dumps({"prompt": prompt, "answer": answer}), encoding="utf-8")
    return answer


for line in open("reviews.txt", encoding="utf-8"):
    print(cached_completion(f"Summarise: {line.strip()}"))
