import json
from concurrent.futures import ThreadPoolExecutor

from vectors import embed

with open("reviews.txt", encoding="utf-8") as file:
    texts = file.read().splitlines()

with ThreadPoolExecutor(max_workers=8) as pool:
    found = list(pool.map(embed, texts))

with open("vectors.json", "w", encoding="utf-8") as file:
    json.dump(dict(zip(texts, found)), file)
print(len(found))
