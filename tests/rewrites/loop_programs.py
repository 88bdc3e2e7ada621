"""Makes loop programs at random: a header, guards, a request on some way, an error handler and effects, put together in any way.

Each loop is a module of its own with a function `run`, and asks a model of its own, so that the server can tell the loops apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from hypothesis import strategies

HEADERS = {
    "for": "for text in items:",
    "enumerate": "for position, text in enumerate(items):",
    "zip": "for text, other in zip(items, reversed(items)):",
    "items": "for key, text in {item[:4]: item for item in items}.items():",
    "sorted": "for text in sorted(items):",
    "range": "for position in range(len(items)):\n    text = items[position]",
    "pop": "while items:\n    text = items.pop()",
    "popleft": "queue = deque(items)\nwhile queue:\n    text = queue.popleft()",
    "index": "position = -1\nwhile position + 1 < len(items):\n    position += 1\n    text = items[position]",
    "tqdm": "for text in tqdm(items):",
    "nested": "groups = [items[:3], items[3:]]\nfor group in groups:\n  for text in group:",
    "slices": "for start in range(0, len(items), 2):\n  for text in items[start : start + 2]:",
}
GUARDS = {
    "none": "",
    "short": "if len(text) < 16:\n    continue",
    "seen": "if text in seen:\n    continue\nseen.add(text)",
    "counted": 'counts["all"] += 1\nif text.startswith("Too"):\n    counts["skipped"] += 1\n    continue',
    "stop": 'if text.startswith("My"):\n    break',
    "changed": 'text = text.strip().replace("_", " ")',
    "handled": 'if "late" in text:\n    print("late:", text)\n    found.append(text)\n    continue',
}
REQUESTS = {
    "responses": 'answer = client.responses.create(model=MODEL, input=f"Summarise: {text}").output_text',
    "chat": (
        "answer = client.chat.completions.create(\n"
        "    model=MODEL, messages=[{'role': 'user', 'content': text}], temperature=0\n"
        ").choices[0].message.content"
    ),
    "number": 'answer = int(client.responses.create(model=MODEL, input=f"Rate from 1 to 9: {text}").output_text)',
    "helper": "answer = ask(text)",
    "method": "answer = asker.ask(text)",
    "module": 'answer = llm.complete("Shorten: " + text, model=MODEL)',
    "closure": "answer = bound(text)",
    "label": 'answer = ask(f"One of: praise, complaint: {text}")',
    "anthropic": "answer = claude.messages.create(model=MODEL, max_tokens=9, messages=[{'role': 'user', 'content': text}]).content[0].text",
}
HANDLERS = {
    "none": "{request}",
    "continue": "try:\n    {request}\nexcept Exception:\n    counts['failed'] += 1\n    continue",
    "default": "try:\n    {request}\nexcept Exception:\n    answer = None",
    "finally": (
        "try:\n    {request}\nexcept Exception as error:\n    print('failed', text)\n    answer = ''\n"
        "else:\n    counts['fine'] += 1\nfinally:\n    counts['tried'] += 1"
    ),
}
EFFECTS = {
    "append": "found.append(answer)",
    "keyed": "table[text] = answer",
    "count": "counts[str(answer)[:3]] += 1",
    "print": "print(text, '->', answer)",
    "file": "with open(f'{NAME}.txt', 'a', encoding='utf-8') as file:\n    file.write(f'{answer}\\n')",
    "total": "total += len(str(answer))",
    "last": "last = answer",
    "sleep": "time.sleep(1)",
    "branch": "if answer and 'p' in str(answer):\n    found.append(text)\nelse:\n    table[text] = 'other'",
}
DEPENDENT = {
    "break": "if 'e' in str(answer):\n    break",
    "prompt": "items_so_far = str(answer)",
}

FRAME = """\
import time
from collections import Counter, deque

import anthropic
import openai
from tqdm import tqdm

import llm

NAME = "{name}"
MODEL = "{name}-model"
client = openai.OpenAI(max_retries=0)
claude = anthropic.Anthropic(max_retries=0)


def ask(text):
    completion = client.chat.completions.create(model=MODEL, messages=[{{"role": "user", "content": text}}])
    return completion.choices[0].message.content


class Asker:
    def __init__(self):
        self.client = openai.OpenAI()
        self.asked = 0

    def ask(self, text):
        self.asked += 1
        return self.client.responses.create(model=MODEL, input=text, instructions="Be brief.").output_text


def run():
    with open("{source}", encoding="utf-8") as file:
        items = file.read().splitlines()
    asker = Asker()
    found, table, counts, seen, total, last, items_so_far = [], {{}}, Counter(), set(), 0, None, ""

    def bound(text):
        return llm.complete(text, model=MODEL)

{loop}
    print(found, table, sorted(counts.items()), sorted(seen), total, last, asker.asked)
"""
LLM = """\
from openai import OpenAI

_client = OpenAI(max_retries=0)


def complete(prompt, *, model):
    return _client.responses.create(model=model, input=prompt).output_text
"""
MAIN = """\
{imports}

for module in ({names},):
    print("==", module.NAME)
    module.run()
"""


@dataclass(frozen=True)
class Loop:
    """One choice of parts, by their names."""

    header: str
    guards: tuple[str, ...]
    request: str
    handler: str
    effects: tuple[str, ...]
    dependent: str = ""

    def source(self, name: str) -> str:
        """The module."""
        request = REQUESTS[self.request]
        if self.dependent == "prompt":
            request = f"text = f'{{items_so_far}} {{text}}'\n{request}"
        guards = [GUARDS[guard] for guard in self.guards]
        handled = HANDLERS[self.handler].replace("{request}", request.replace("\n", "\n    " if self.handler != "none" else "\n"))
        body = "\n".join(
            part for part in (*guards, handled, *(EFFECTS[each] for each in self.effects), DEPENDENT.get(self.dependent, "")) if part
        )
        header = HEADERS[self.header]
        deeper = " " * (len(header.splitlines()[-1]) - len(header.splitlines()[-1].lstrip()))
        inner = deeper if header.splitlines()[-1].endswith(":") else ""
        loop = f"{header}\n{indent(body, inner + '    ')}"
        source = "rough.txt" if self.handler != "none" else "reviews.txt"
        return FRAME.format(name=name, source=source, loop=indent(loop, "    "))


def several(names: dict[str, str], most: int) -> strategies.SearchStrategy[tuple[str, ...]]:
    """Some of the names, each at most once."""
    return strategies.lists(strategies.sampled_from(sorted(names)), max_size=most, unique=True).map(tuple)


def loops(dependent: bool = False) -> strategies.SearchStrategy[Loop]:
    """Loops whose items do not depend on each other, or, where asked for, do."""
    names = [strategies.sampled_from(sorted(each)) for each in (HEADERS, REQUESTS, HANDLERS, DEPENDENT)]
    ties = names[3] if dependent else strategies.just("")
    return strategies.builds(Loop, names[0], several(GUARDS, 2), names[1], names[2], several(EFFECTS, 3), ties)


def program(chosen: list[Loop]) -> dict[str, str]:
    """The files of a program that runs the loops one after the other."""
    names = [f"loop_{number}" for number in range(len(chosen))]
    modules = {f"{name}.py": loop.source(name) for name, loop in zip(names, chosen, strict=True)}
    imports = "\n".join(f"import {name}" for name in names)
    return {**modules, "llm.py": LLM, "main.py": MAIN.format(imports=imports, names=", ".join(names))}
