"""The call graph of programs that are hard to link, compared with what it was when it was last reviewed.

A fixture with a file `callgraph.txt` has its call graph in there, a call a line: where it stands, and what it may run. `pytest --update`
rewrites these files; read the difference before it is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Config, Hierarchy
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request, Target
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.pipeline.group_analysis import analyse, survey
from surfacelint.project.module_names import Project, project_files
from surfacelint.reading.source_reader import Sources

FIXTURES = Path(__file__).parent / "fixtures"
GOLDEN = sorted(FIXTURES.glob("*/*/callgraph.txt"))


def dump(program: Path) -> str:
    """Return the calls of a program that run something that is known: our own functions, requests, whatever is passed for a parameter."""
    config = Config(root=program)
    catalogue = Catalogue.load(config.catalogue)
    foreign = frozenset(needle.partition(".")[0] for needle in catalogue.needles)
    sources = Sources(Project.build(program, project_files(program, ()).files, foreign), {})
    surveyed = survey(Hierarchy(config), catalogue, sources)
    (group,) = surveyed.groups
    graph = analyse(Hierarchy(config), catalogue, sources, surveyed, group).graph
    lines = [line for id_ in sorted(graph.sites) for site in graph.sites[id_] for line in _lines(id_, site)]
    return "".join(f"{line}\n" for line in lines)


def _lines(id_: str, site: Site) -> Iterator[str]:
    for text in sorted({_target(target) for target in site.targets}):
        yield f"{id_}  {site.call.span.start.line}  -> {text}"


def _target(target: Target) -> str:
    via = f" (via {target.row.name})" if target.row is not None else ""
    callee = target.callee
    if isinstance(callee, FunctionNode):
        return f"{callee.id}{via}"
    if isinstance(callee, Request):
        traits = "".join(f" {trait}" for trait in sorted(callee.traits))
        return f"request {callee.endpoint.path}{traits}{via}"
    return f"parameter {callee.name}{callee.path} of {callee.id}{via}"


def test_there_are_some() -> None:
    assert len(GOLDEN) >= 8


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.parent.parent.name}/{golden.parent.name}")
def test_call_graph(golden: Path, update: bool) -> None:
    lines = dump(golden.parent)
    if update:
        golden.write_text(lines, encoding="utf-8", newline="\n")
    assert lines.splitlines() == golden.read_text(encoding="utf-8").splitlines()
