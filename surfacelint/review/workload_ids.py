"""Identities of workloads that survive moved lines and renamed files. No rule, provider, path or line number is part of them.

An identity is the digest of the name of the function and of the call as spelled, without spaces. Of several such calls in one file, each
but the first also counts its position among them. If several files have such calls, the text of the function is part of it too, so that
a renamed file changes no identity. Exact copies of a function are numbered in the order of their paths.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

from surfacelint.facts.module_outlines import title
from surfacelint.pipeline.listed_workloads import ListedWorkload

LENGTH = 12
"""Hexadecimal digits of an identity."""


def identities(found: Sequence[ListedWorkload]) -> list[str]:
    """Return the identities of workloads, which are sorted by place. They are all different."""
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in found:
        files[_name(each)].add(each.path)
    positions: Counter[tuple[str, ...]] = Counter()
    parts: list[tuple[str, ...]] = []
    for each in found:
        name = _name(each)
        positions[(*name, each.path)] += 1
        position = positions[(*name, each.path)]
        text = _without_layout(each.text) if len(files[name]) > 1 else ""
        parts.append((*name, text, str(position)))
    copies: Counter[tuple[str, ...]] = Counter()
    for number, part in enumerate(parts):
        copies[part] += 1
        parts[number] = (*part, str(copies[part]))
    return _digests(parts)


def _name(listed: ListedWorkload) -> tuple[str, str]:
    workload = listed.workload
    return title(workload.function), "".join(workload.spelled.split())


def _without_layout(text: str) -> str:
    """Return a text without indentation, trailing spaces and empty lines."""
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


def _digests(parts: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a digest of each of some tuples, all of them different. A digest that is taken is lengthened."""
    taken: set[str] = set()
    found = []
    for part in parts:
        whole = sha256("\0".join(part).encode("utf-8", "surrogatepass")).hexdigest()
        digest = next(whole[:length] for length in range(LENGTH, len(whole) + 1) if whole[:length] not in taken)
        taken.add(digest)
        found.append(digest)
    return found
