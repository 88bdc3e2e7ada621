"""Scores surfacelint against manual labels: precision, recall, and every disagreement with its reason.

    python scripts/score.py SOURCES --labels LABELS.jsonl [--folders FOLDERS.jsonl] [--jobs 2] [--page docs/accuracy.md]

SOURCES contains one folder per source. Each is checked as a separate project with the default settings. The folder is named
`owner+name` for `github:owner/name` and `pypi-some_name-1.2` for `pypi:some-name==1.2` (the unpacked wheel), unless a line
`{"source", "commit", "folder"}` of FOLDERS gives another name. Labels of missing files are skipped and reported.

A label is one line of JSON:

- `source`, `commit`: as above, and the commit (null for wheels).
- `path`: the file below the source's folder. In notebooks, `cell` is the 0-based index among all cells, and lines count in the cell.
- `call_line`: the call that is the request or leads to it. `context_line`: the repetition or handler. `alt_lines`: other lines
  where a finding is right.
- `sink_path`, `sink_cell`, `sink_line`: the request itself.
- `verdict`: `batch-work`, `batch-waited`, `progress` and `serial-await` expect a finding (`also` lists further verdicts that hold),
  all others (`ok-retry`, ...) expect none.
- `shape`, `hops`, `cross_module`: the kind of repetition, the function boundaries to the request, whether it is in another file.
- `confidence`: `high`, or `medium` if good reviewers could disagree.
- `optional`: a finding is right, but its absence is not a miss.
- `why`: one sentence.

Findings of SRF1xx, SRF2xx and SRF3xx count. A *positive* label expects a finding, a *negative* one expects none.

- A finding is *right* on the call line, context line or an alternative line of a positive label, or between the first of these
  and two lines below the call.
- It is *wrong* on the call line of a negative label, unless a positive label names the same line, and on the context line of a
  negative label, unless it is right.
- Findings at the request of a positive label, whose finding is expected elsewhere, are listed separately (`sink`).
- Other findings in a file with labels are *unlabelled*: wrong, or a gap in the labels. Strict precision counts all as wrong.
- Findings in files without labels do not count.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Config, Hierarchy
from surfacelint.model.findings import Location
from surfacelint.model.workloads import Workload
from surfacelint.pipeline import engine
from surfacelint.pipeline.explanation import explanation
from surfacelint.pipeline.group_analysis import analyse, analysis_containing, survey
from surfacelint.pipeline.run_rules import codes_of
from surfacelint.project import file_discovery
from surfacelint.project.module_names import Project, project_files
from surfacelint.reading.source_reader import Sources

FAMILIES = {"batch-work": "SRF1", "batch-waited": "SRF2", "progress": "SRF3", "serial-await": "SRF3"}
"""The verdicts that expect a finding, and the prefix of fitting codes."""

BELOW_CALL = 2
"""The number of lines below the call in which a finding still belongs to it."""

COMMAND = "python scripts/score.py SOURCES --labels LABELS.jsonl --folders FOLDERS.jsonl"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


class Place(NamedTuple):
    """A line of a file. `path` begins with the source's folder. `cell` is 0-based among all cells of a notebook."""

    path: str
    cell: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a call site. `number` is the line of the label in its file, `sink` the place of the request."""

    number: int
    folder: str
    path: str
    cell: int | None
    call_line: int
    context_line: int
    alt_lines: tuple[int, ...]
    sink: Place
    verdicts: tuple[str, ...]
    shape: str
    hops: int
    cross_module: bool
    confidence: str
    optional: bool
    why: str

    @property
    def positive(self) -> bool:
        """Whether the label expects a finding."""
        return self.verdicts[0] in FAMILIES

    def at(self, line: int) -> Place:
        """Return the place of a line in the label's file or cell."""
        return Place(self.path, self.cell, line)

    @property
    def near(self) -> tuple[Place, ...]:
        """All places from the context or call to shortly below the call."""
        return tuple(map(self.at, range(min(self.call_line, self.context_line), self.call_line + BELOW_CALL + 1)))

    @property
    def named(self) -> tuple[Place, ...]:
        """The places that the label names."""
        return tuple(map(self.at, {self.call_line, self.context_line, *self.alt_lines}))


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of surfacelint."""

    place: Place
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Match:
    """A finding, its rating (`right`, `wrong`, `sink`, `unlabelled` or `elsewhere`), and the labels that decide it."""

    found: Found
    worth: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The labels and findings of one or more sources, and for each missed label, by number, the reason for silence."""

    labels: tuple[Label, ...]
    matches: tuple[Match, ...]
    reasons: Mapping[int, str]
    failures: tuple[str, ...] = ()

    @property
    def hits(self) -> dict[int, list[Found]]:
        """The right findings by number of label."""
        found: dict[int, list[Found]] = defaultdict(list)
        for match in self.matches:
            for label in match.labels if match.worth == "right" else ():
                found[label.number].append(match.found)
        return found


# Labels.


def read_labels(path: Path, folders: Path | None) -> list[Label]:
    """Read the labels in a file."""
    names = {(row["source"], row.get("commit")): row["folder"] for row in _rows(folders)} if folders else {}
    return [_label(number, row, names) for number, row in enumerate(_rows(path), 1)]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _label(number: int, row: Mapping[str, Any], folders: Mapping[tuple[str, str | None], str]) -> Label:
    folder = folders.get((row["source"], row.get("commit"))) or _folder(row["source"])
    inside = row.get("cell") if row["sink_path"] == row["path"] else None
    return Label(
        number=number,
        folder=folder,
        path=f"{folder}/{row['path']}",
        cell=row.get("cell"),
        call_line=row["call_line"],
        context_line=row["context_line"],
        alt_lines=tuple(row.get("alt_lines", ())),
        sink=Place(f"{folder}/{row['sink_path']}", row.get("sink_cell", inside), row["sink_line"]),
        verdicts=(row["verdict"], *row.get("also", ())),
        shape=row["shape"],
        hops=row["hops"],
        cross_module=row["cross_module"],
        confidence=row["confidence"],
        optional=row.get("optional", False),
        why=row["why"],
    )


def _folder(source: str) -> str:
    kind, _, name = source.partition(":")
    if kind == "github":
        return name.replace("/", "+")
    package, _, version = name.partition("==")
    return f"{kind}-{re.sub('[-.]+', '_', package)}-{version}"


# Matching.


class Index:
    """The labels of one source, indexed by place."""

    def __init__(self, labels: Iterable[Label]) -> None:
        """Index the labels."""
        self.files: set[str] = set()
        self._named, self._near, self._sinks, self._calls, self._contexts = (defaultdict[Place, list[Label]](list) for _ in range(5))
        for label in labels:
            self.files.add(label.path)
            if not label.positive:
                self._calls[label.at(label.call_line)].append(label)
                self._contexts[label.at(label.context_line)].append(label)
                continue
            self._sinks[label.sink].append(label)
            for place in label.named:
                self._named[place].append(label)
            for place in label.near:
                self._near[place].append(label)

    def match(self, found: Found) -> Match:
        """Return the rating of a finding."""
        place = found.place
        near = self._near.get(place, [])
        answers = (
            ("right", [*self._named[place], *near] if place in self._named else []),
            ("wrong", self._calls.get(place, [])),
            ("right", near),
            ("wrong", self._contexts.get(place, [])),
            ("sink", self._sinks.get(place, [])),
        )
        for worth, labels in answers:
            if labels:
                return Match(found, worth, tuple({label.number: label for label in labels}.values()))
        return Match(found, "unlabelled" if place.path in self.files else "elsewhere")


# Running.


def score_source(root: Path, labels: Sequence[Label]) -> Score:
    """Check one source as a separate project, and compare its findings with its labels."""
    try:
        index = Index(labels)
        report = engine.run([root], Config(root=root, cache=False))
        found = [
            Found(_place(f.location, root), f.rule.code, f.message) for f in report.findings if f.rule.code[:4] in ("SRF1", "SRF2", "SRF3")
        ]
        score = Score(tuple(labels), tuple(map(index.match, found)), {})
        missed = [label for label in labels if label.positive and not label.optional and label.number not in score.hits]
        return Score(score.labels, score.matches, Silence(root).reasons(missed) if missed else {})
    except Exception as error:
        return Score(tuple(labels), (), {}, (f"{root.name}: surfacelint itself failed with {type(error).__name__}: {error}",))


def _place(location: Location, root: Path) -> Place:
    path = os.path.relpath(os.path.realpath(location.path), os.path.realpath(root)).replace(os.sep, "/")
    return Place(f"{root.name}/{path}", None if location.cell is None else location.cell - 1, location.span.start.line)


class Silence:
    """Explains missing findings in a source."""

    def __init__(self, root: Path) -> None:
        """Analyse the source again, and keep the analyses."""
        self._root = root
        config = Config(root=root, cache=False)
        hierarchy = Hierarchy(config)
        self._catalogue = Catalogue.load(config.catalogue)
        files = project_files(root, file_discovery.discover([root], root=root).files).files
        self._sources = Sources(Project.build(root, files, self._catalogue.packages), {})
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, engine.RECURSION_LIMIT))
        try:
            surveyed = survey(hierarchy, self._catalogue, self._sources)
            self._analyses = [analyse(hierarchy, self._catalogue, self._sources, surveyed, group) for group in surveyed.groups]
        finally:
            sys.setrecursionlimit(limit)
        self._codes = codes_of(hierarchy, self._sources.project)

    def reasons(self, labels: Iterable[Label]) -> dict[int, str]:
        """Return the reason for each missing finding, by number of label."""
        return {label.number: self._reason(label) for label in labels}

    def _reason(self, label: Label) -> str:
        places = {*label.named, *label.near}
        every = [workload for analysis in self._analyses for workload in analysis.program.workloads]
        workloads = [workload for workload in every if _place(workload.site, self._root) in places]
        if workloads:
            return "\n".join(dict.fromkeys(map(_silence, workloads)))
        file = self._sources.project.at(self._root.parent / label.path)
        if file is None:
            return "the file is not checked"
        cell = None if label.cell is None else label.cell + 1
        return (
            explanation(analysis_containing(file.module, self._analyses), self._sources, self._codes, file, label.call_line, cell)
            .text()
            .strip()
        )


def _silence(workload: Workload) -> str:
    waiting = f"no rule is about it (waiting: {workload.waiting.answer} {workload.waiting.entry}".rstrip() + ")"
    return f"{workload.call} on line {workload.site.span.start.line}: {workload.silence or waiting}"


def score(root: Path, labels: Iterable[Label], jobs: int) -> Score:
    """Score all sources that have labels."""
    by_folder: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        by_folder[label.folder].append(label)
    folders = sorted(by_folder)
    if jobs == 1:
        scores = [score_source(root / folder, by_folder[folder]) for folder in folders]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            scores = list(pool.map(score_source, [root / folder for folder in folders], [by_folder[folder] for folder in folders]))
    return Score(
        labels=tuple(label for each in scores for label in each.labels),
        matches=tuple(match for each in scores for match in each.matches),
        reasons={number: reason for each in scores for number, reason in each.reasons.items()},
        failures=tuple(failure for each in scores for failure in each.failures),
    )


# Reporting.

Chosen = Callable[[Label], bool]


GROUPS: tuple[tuple[str, Callable[[Label], str]], ...] = (
    ("verdict", lambda label: label.verdicts[0]),
    ("shape", lambda label: label.shape),
    ("hops", lambda label: str(label.hops) if label.hops < 3 else "3 or more"),
    ("module of the request", lambda label: "another" if label.cross_module else "the same"),
    ("file", lambda label: "script or module" if label.cell is None else "notebook"),
)


def _everything(_label: Label) -> bool:
    return True


def _high(label: Label) -> bool:
    return label.confidence == "high"


def _of(verdict: str, also: Chosen) -> Chosen:
    return lambda label: label.verdicts[0] == verdict and also(label)


def _share(part: int, whole: int) -> str:
    return f"{part:3}/{whole:<3} {100 * part / whole:5.1f}%" if whole else "  0/0       -"


class Figures:
    """Renders the figures of a score as text."""

    def __init__(self, score: Score) -> None:
        """Select the labels that count: optional ones only if they were found."""
        self.score = score
        self.hits = score.hits
        self.positives = [label for label in score.labels if label.positive and (not label.optional or label.number in self.hits)]
        self.negatives = [label for label in score.labels if not label.positive]

    def worth(self, worth: str) -> list[Match]:
        """Return the findings with a rating."""
        return [match for match in self.score.matches if match.worth == worth]

    def recall(self, chosen: Chosen) -> str:
        """Return the share of positive labels with a finding."""
        labels = [label for label in self.positives if chosen(label)]
        return _share(sum(label.number in self.hits for label in labels), len(labels))

    def family(self, chosen: Chosen) -> str:
        """Return the share of positive labels with a finding of a fitting code."""
        labels = [label for label in self.positives if chosen(label)]
        return _share(sum(self._fits(label) for label in labels), len(labels))

    def _fits(self, label: Label) -> bool:
        families = {FAMILIES[verdict] for verdict in label.verdicts if verdict in FAMILIES}
        return any(found.code[:4] in families for found in self.hits.get(label.number, ()))

    def precision(self, chosen: Chosen, extra: int = 0) -> str:
        """Return the share of right findings among those at chosen labels. `extra` findings count as wrong."""
        right, wrong = (sum(any(map(chosen, match.labels)) for match in self.worth(worth)) for worth in ("right", "wrong"))
        return _share(right, right + wrong + extra)

    def flagged(self, chosen: Chosen) -> str:
        """Return the share of negative labels with a finding."""
        wrong = {label.number for match in self.worth("wrong") for label in match.labels}
        labels = [label for label in self.negatives if chosen(label)]
        return _share(sum(label.number in wrong for label in labels), len(labels))

    def lines(self) -> Iterator[str]:
        """Yield all tables."""
        count = Counter(match.worth for match in self.score.matches)
        yield f"{len(self.score.labels)} labels, {len(self.positives)} call for a finding, {len(self.negatives)} for silence"
        yield f"{count.total()} findings: " + ", ".join(f"{count[w]} {w}" for w in ("right", "wrong", "sink", "unlabelled", "elsewhere"))
        strict = count["unlabelled"]
        summary = [
            (name, self.precision(chosen), self.precision(chosen, strict), self.recall(chosen), self.family(chosen))
            for name, chosen in (("high confidence", _high), ("all labels", _everything))
        ]
        yield from _table("confidence", ("precision", "strict", "recall", "right family"), summary)
        for title, key in GROUPS:
            yield from self._group(title, key)
        verdicts = sorted({label.verdicts[0] for label in self.negatives})
        rows = [(v, self.flagged(_of(v, _high)), self.flagged(_of(v, _everything))) for v in verdicts]
        rows.append(("all", self.flagged(_high), self.flagged(_everything)))
        yield from _table("flagged negatives", ("high", "all"), rows)
        codes = sorted({match.found.code for match in self.score.matches})
        by_code = Counter((match.found.code, match.worth) for match in self.score.matches)
        worths = ("right", "wrong", "sink", "unlabelled", "elsewhere")
        yield from _table("findings by code", worths, [(code, *(f"{by_code[code, worth]:3}" for worth in worths)) for code in codes])

    def _group(self, title: str, key: Callable[[Label], str]) -> Iterator[str]:
        def among(value: str, also: Chosen) -> Chosen:
            return lambda label: key(label) == value and also(label)

        headers = ["recall high", "recall all", "right family"]
        measures: list[Callable[[str], str]] = [
            lambda value: self.recall(among(value, _high)),
            lambda value: self.recall(among(value, _everything)),
            lambda value: self.family(among(value, _everything)),
        ]
        if title != "verdict":
            headers += ["precision high", "precision all"]
            measures += [
                lambda value: self.precision(among(value, _high)),
                lambda value: self.precision(among(value, _everything)),
            ]
        values = sorted({key(label) for label in self.positives})
        yield from _table(title, headers, [(value, *(measure(value) for measure in measures)) for value in values])

    def disagreements(self) -> Iterator[str]:
        """Yield each disagreement of surfacelint and the labels."""
        missed = [label for label in self.positives if label.number not in self.hits]
        at_sinks = {label.number for match in self.worth("sink") for label in match.labels}
        yield f"\nMISSED ({len(missed)})"
        for label in missed:
            verdict = f"{'/'.join(label.verdicts)} {label.confidence}, {label.shape}, hops {label.hops}"
            yield f"{_spell(label.at(label.call_line))}: {verdict}: {label.why}"
            if label.number in at_sinks:
                yield "    found at the request instead"
            yield from (f"    {line}" for line in self.score.reasons.get(label.number, "").splitlines())
        wrong = self.worth("wrong")
        yield f"\nFALSE ALARMS ({len(wrong)})"
        for match in wrong:
            label = match.labels[0]
            yield f"{_spell(match.found.place)}: {label.verdicts[0]} {label.confidence}: {label.why}"
            yield f"    {match.found.code} {match.found.message}"
        for title, worth in (("UNLABELLED FINDINGS IN LABELLED FILES", "unlabelled"), ("FINDINGS AT THE REQUEST INSTEAD", "sink")):
            rest = self.worth(worth)
            yield f"\n{title} ({len(rest)})"
            for match in rest:
                yield f"{_spell(match.found.place)}: {match.found.code} {match.found.message}"


def _table(title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"{title:22}" + "".join(f"{header:18}" for header in headers).rstrip()
    for name, *cells in rows:
        yield f"{name:22}" + "".join(f"{cell:18}" for cell in cells).rstrip()


def _spell(place: Place) -> str:
    cell = "" if place.cell is None else f":cell {place.cell + 1}"
    return f"{place.path}{cell}:{place.line}"


def refresh(page: Path, figures: Sequence[str], today: datetime.date) -> None:
    """Replace the text between the marks of a page by the figures."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page}: no place for the figures; add the lines {BEGIN} and {END}")
    block = "\n".join([f"`{COMMAND}` on {today.isoformat()}:", "", "```text", *figures, "```"])
    page.write_text(f"{before}{BEGIN}\n{block}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Run the command line. Returns 1 if there is nothing to score or surfacelint failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--folders", type=Path, help="maps sources to folders")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", type=Path, help="page whose figures to update")
    given = parser.parse_args()
    root = given.sources.resolve()
    labels = read_labels(given.labels, given.folders)
    there = [label for label in labels if (root / label.path).is_file()]
    for folder, count in sorted(Counter(label.folder for label in labels if label not in there).items()):
        print(f"skipped, not in {given.sources}: {folder} ({count} labels)")
    scored = score(root, there, given.jobs)
    figures = Figures(scored)
    lines = list(figures.lines())
    print("\n".join([*lines, *figures.disagreements()]))
    for failure in scored.failures:
        print(failure, file=sys.stderr)
    if given.page and not scored.failures:
        refresh(given.page, lines, datetime.date.today())
    return 0 if there and not scored.failures else 1


if __name__ == "__main__":
    sys.exit(main())
