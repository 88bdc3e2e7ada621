from collections import Counter
from pathlib import Path

from shop.labels import label


def label_reviews(path: str) -> None:
    counts: Counter[str] = Counter()
    for review in Path(path).read_text(encoding="utf-8").splitlines():
        counts[label(review)] += 1
    for name, count in sorted(counts.items()):
        print(name, count)
