"""Renders the batch module that fixes write into a project, with the features that the project needs.

The source is `llm_batch`, which is itself the module with all features. Comments mark the lines that belong to features: `# [a b]` on
a line of its own begins lines that `a` and `b` need, up to the next such comment or `# [end]`. At the end of a line, it marks this line.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import resources

PROVIDERS = frozenset({"anthropic", "azure", "gemini", "groq", "mistral", "openai", "together"})
"""Features that add a provider."""

NAMES = frozenset({"passes", "async_passes", "prepared", "async_prepared", "end_rehearsal", "pause"})
"""Features that add a function or method of the same name. `BatchRun`, its other methods and `batchable` are always there."""

FEATURES = PROVIDERS | NAMES
"""All features."""

_SECTION = re.compile(r" *# \[([\w ]+)\]\n")
_MARK = re.compile(r"  # \[([\w ]+)\]$")
_HEADER = re.compile(r"^# features: ([\w, ]+)$", re.MULTILINE)
_IMPORT = re.compile(r"(?:from (?P<module>[\w.]+) )?import (?P<names>[\w, ]+)\n")
_NEEDS = {"prepared": {"passes"}, "async_prepared": {"async_passes"}}


@functools.cache
def rendered(features: frozenset[str]) -> str:
    """Return the source of the batch module with some of the `FEATURES`. Raises `ValueError` for others."""
    if unknown := features - FEATURES:
        raise ValueError(f"unknown features: {', '.join(sorted(unknown))}")
    needed = features.union(*(_NEEDS.get(each, ()) for each in features))
    source = resources.files("surfacelint.codemods").joinpath("llm_batch.py").read_text(encoding="utf-8")
    text = "".join(_kept(source, needed))
    docstring, _, code = text.partition('"""\n\n')
    header = f'{docstring}"""\n\n# features: {", ".join(sorted(features))}\n'
    return header + "".join(_used_imports(code))


def features_of(text: str) -> frozenset[str] | None:
    """Return the features of a batch module; `None` if it is not one, or if its user has edited it."""
    text = text.replace("\r\n", "\n")
    header = _HEADER.search(text)
    features = frozenset(header[1].split(", ")) if header else frozenset()
    is_ours = bool(features) and features <= FEATURES and text == rendered(features)
    return features if is_ours else None


def _kept(source: str, features: frozenset[str]) -> Iterator[str]:
    """Yield the lines of the source that have no mark, or one of the features."""
    is_kept = True
    for line in source.splitlines(keepends=True):
        if section := _SECTION.fullmatch(line):
            is_kept = section[1] == "end" or not features.isdisjoint(section[1].split())
        elif is_kept:
            mark = _MARK.search(line)
            if mark is None or not features.isdisjoint(mark[1].split()):
                yield _MARK.sub("", line)


def _used_imports(code: str) -> Iterator[str]:
    """Yield the lines of the code, without the names in imports that nothing else uses."""
    words = set(re.findall(r"\w+", re.sub(_IMPORT, "", code)))
    for line in code.splitlines(keepends=True):
        found = _IMPORT.fullmatch(line)
        if found is None or found["names"] == "annotations":
            yield line
        elif names := [name for name in found["names"].split(", ") if name in words]:
            yield line.replace(found["names"], ", ".join(names))
