"""Each format read back, as its readers read it: what every one of them must say about the same report."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree


class Said(NamedTuple):
    """What a format says of a finding. Rows and columns are 1-based; a row of a notebook is one of its cell."""

    path: str
    cell: int | None
    row: int
    column: int
    code: str
    message: str


_LINE = re.compile(
    r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<row>\d+):(?P<column>\d+)(?:: | )(?P<code>SRF\d+)(?: \[fix\])?(?: (?P<message>.*))?"
)
_IN_CELL = re.compile(r"cell (\d+), row (\d+), column (\d+): ")


def _said(line: str, message: str = "") -> Said:
    found = _LINE.fullmatch(line)
    assert found is not None, line
    cell = int(found["cell"]) if found["cell"] else None
    return Said(found["path"], cell, int(found["row"]), int(found["column"]), found["code"], found["message"] or message)


def _beside(path: str, place: tuple[int, int], code: str, text: str) -> Said:
    """Return what is said where a place in a notebook stands in the text."""
    message = text.partition("\n")[0]
    found = _IN_CELL.match(message)
    if found is None:
        return Said(path, None, *place, code, message)
    cell, row, column = map(int, found.groups())
    return Said(path, cell, row, column, code, message[found.end() :])


def full(text: str) -> Iterator[Said]:
    yield from (_said(line) for line in text.splitlines() if re.search(r":\d+:\d+: SRF\d+ ", line))


def concise(text: str) -> Iterator[Said]:
    yield from (_said(line) for line in text.splitlines())


def _of_json(each: dict[str, Any]) -> Said:
    return Said(each["filename"], each["cell"], each["location"]["row"], each["location"]["column"], each["code"], each["message"])


def of_json(text: str) -> Iterator[Said]:
    yield from map(_of_json, json.loads(text))


def json_lines(text: str) -> Iterator[Said]:
    yield from (_of_json(json.loads(line)) for line in text.splitlines())


def sarif(text: str) -> Iterator[Said]:
    (run,) = json.loads(text)["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        if result["suppressions"]:
            continue
        place = result["locations"][0]["physicalLocation"]
        region = place.get("region", {"startLine": 0, "startColumn": 0})
        path = unquote(place["artifactLocation"]["uri"].removeprefix("file://"))
        yield _beside(path, (region["startLine"], region["startColumn"]), result["ruleId"], result["message"]["text"])


def github(text: str) -> Iterator[Said]:
    """Return what the log says; `commands` are what becomes annotations."""
    log = False
    for line in text.splitlines():
        if line == "::endgroup::" or line.startswith("::group::"):
            log = line != "::endgroup::"
        elif log:
            yield _said(line)


def commands(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Return command, properties and text of each workflow command, by the rules of GitHub's runner."""
    for found in re.finditer(r"^::(error|warning|notice) ([^\n]*?)::([^\n]*)$", text, re.MULTILINE):
        properties = dict(pair.split("=", 1) for pair in found[2].split(","))
        yield found[1], {name: _unescaped(value) for name, value in properties.items()}, _unescaped(found[3])


def _unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def gitlab(text: str) -> Iterator[Said]:
    for issue in json.loads(text):
        begin = issue["location"]["positions"]["begin"]
        yield _beside(issue["location"]["path"], (begin["line"], begin["column"]), issue["check_name"], issue["description"])


def junit(text: str) -> Iterator[Said]:
    for suite in ElementTree.fromstring(text.encode()):
        for case in suite:
            for failure in case:
                if failure.get("type") != "error":
                    yield _said(str(failure.text).partition("\n")[0])


def rdjson(text: str) -> Iterator[Said]:
    for each in json.loads(text)["diagnostics"]:
        start = each["location"].get("range", {"start": {"line": 0, "column": 0}})["start"]
        yield _beside(each["location"]["path"], (start["line"], start["column"]), each["code"]["value"], each["message"])


def markdown(text: str) -> Iterator[Said]:
    for found in re.finditer(r"^\| `(.*?)` \| \[?(SRF\d+)\S* \| (.*) \|$", text, re.MULTILINE):
        yield _said(f"{found[1]} {found[2]}", re.sub(r"\\(.)", r"\1", found[3].replace("\u200b", "")))


def of_html(text: str) -> Iterator[Said]:
    for found in re.finditer(r"<h2><code>(.*?)</code> (SRF\d+)</h2>\n<p>(.*)</p>", text):
        yield _said(f"{html.unescape(found[1])} {found[2]}", html.unescape(found[3]))


READERS: Mapping[str, Callable[[str], Iterator[Said]]] = {
    "full": full,
    "concise": concise,
    "json": of_json,
    "json-lines": json_lines,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "rdjson": rdjson,
    "markdown": markdown,
    "html": of_html,
}
