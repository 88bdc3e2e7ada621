"""What visitors see of a construct, and what findings take from it: positions, spellings and code frames."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from surfacelint import check
from surfacelint.config import Config
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Finding
from surfacelint.pipeline.fix_building import UNSEEN
from surfacelint.reporters import FORMATS
from surfacelint.visitors.handler_visitor import Handler, handler_around
from surfacelint.visitors.progress_visitor import Progress, progress_at
from surfacelint.visitors.repetition_visitor import ComprehensionParts, LoopParts, RepeatingCall, Repetition, header, repetition_around
from surfacelint.visitors.source_tree import SourceTree, UnreadableError
from surfacelint.visitors.spellings import one_line, respelled, shortened

ASK = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text


"""


def path_to(text: str, code: str) -> tuple[SourceTree, tuple[cst.CSTNode, ...]]:
    """Return the tree of a text, and the path to the first occurrence of code in it."""
    tree = SourceTree.of_lines(text.split("\n"), 1, text.count("\n") + 1)
    start, end = text.index(code), text.index(code) + len(code)
    return tree, tree.path_to(Span(*(Position(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at) - 1) for at in (start, end))))


def repetition(text: str, code: str = "ask(x)", *, repeats: bool = False) -> tuple[SourceTree, Repetition]:
    tree, path = path_to(text, code)
    found = repetition_around(path, repeats)
    assert found is not None
    return tree, found


def findings(folder: Path, text: str) -> tuple[Finding, ...]:
    (folder / "job.py").write_text(text, encoding="utf-8")
    return check([folder], Config(root=folder, cache=False)).findings


class TestSourceTree:
    """Positions of nodes, and the nodes at positions."""

    TEXT = 'def f():\n    é = "ü" + g(1)\n\n\nclass A:\n\tdef m(self):\n\t\tfor x in h(2):\n\t\t\tk(x,\n\t\t\t  3)\n'

    def test_positions_of_lines_are_those_of_the_file(self) -> None:
        tree = SourceTree.of_lines(self.TEXT.split("\n"), 6, 9)
        spans = {tree.code(node): tree.span(node) for node in tree.nodes(cst.Call)}
        assert spans["h(2)"] == Span(Position(7, 11), Position(7, 15))
        assert [span for code, span in spans.items() if code.startswith("k(")] == [Span(Position(8, 3), Position(9, 7))]

    def test_columns_count_characters(self) -> None:
        tree = SourceTree.of_lines(self.TEXT.split("\n"), 1, 2)
        call = tree.call_at(Span(Position(2, 14), Position(2, 18)))
        assert call is not None
        assert tree.code(call) == "g(1)"

    def test_parents_and_positions_are_those_of_libcst(self) -> None:
        text = Path(__file__).read_text(encoding="utf-8")
        tree = SourceTree.of_lines(text.split("\n"), 1, text.count("\n") + 1)
        known = MetadataWrapper(tree.module, unsafe_skip_copy=True).resolve_many([ParentNodeProvider, PositionProvider])
        nodes = [node for node in tree.all_nodes() if tree.parent(node) is not None]
        assert len({type(node) for node in nodes}) > 30
        assert all(tree.parent(node) is known[ParentNodeProvider][node] for node in nodes)
        for node in tree.all_nodes():
            place: CodeRange = known[PositionProvider][node]  # type: ignore[assignment]
            assert tree.span(node) == Span(Position(place.start.line, place.start.column), Position(place.end.line, place.end.column))

    def test_the_innermost_node_of_a_span_counts(self) -> None:
        _, path = path_to("f(g(x))\n", "f(g(x))")
        assert isinstance(path[-1], cst.Call)
        assert [type(node) for node in path[:2]] == [cst.Module, cst.SimpleStatementLine]

    def test_nothing_is_at_half_an_expression(self) -> None:
        _, path = path_to("f(g(x))\n", "g(x")
        assert path == ()

    def test_blanks_at_the_end_do_not_matter(self) -> None:
        _, path = path_to("f(x)\n\n\n    ", "f(x)")
        assert isinstance(path[-1], cst.Call)

    def test_nodes_inside_come_in_source_order(self) -> None:
        text = "@d\ndef f(a=1):\n    return [x if y else z for x in {k: v for k, v in w}]\n"
        tree = SourceTree.of_lines(text.split("\n"), 1, 3)
        spans = [tree.span(node).start for node in tree.inside(tree.module) if isinstance(node, cst.Name)]
        assert spans == sorted(spans)

    def test_what_cannot_be_parsed_is_unreadable(self) -> None:
        with pytest.raises(UnreadableError, match="syntax error"):
            SourceTree.of_lines(["x = (", ""], 1, 1)


class TestRepetition:
    """Loops, comprehensions and repeating calls with their parts."""

    def test_a_loop_has_what_runs_before_and_after_the_call(self) -> None:
        text = (
            "for a in b:\n    one()\n    if c:\n        two()\n        try:\n            d = ask(x)\n        except E:\n            pass\n"
            "    three()\nelse:\n    four()\n"
        )
        tree, found = repetition(text)
        (loop,) = found.rounds
        assert isinstance(loop, LoopParts)
        assert [tree.code(each).strip() for each in loop.before] == ["one()"]
        assert [tree.code(each).strip() for each in loop.after] == ["three()"]
        assert isinstance(loop.holder, cst.If)
        assert [type(each) for each in loop.guards] == [cst.If, cst.Try]
        assert loop.otherwise is not None
        assert loop.targets is not None
        assert (tree.code(loop.targets), tree.code(loop.items)) == ("a", "b")

    def test_nested_loops_come_outermost_first(self) -> None:
        tree, found = repetition("for a in b:\n    with c:\n        while d:\n        \tif e:\n        \t\task(x)\n    f()\n")
        outer, inner = found.rounds
        assert isinstance(outer, LoopParts)
        assert isinstance(inner, LoopParts)
        assert [type(each) for each in outer.guards] == [cst.With]
        assert [type(each) for each in inner.guards] == [cst.If]
        assert inner.targets is None
        assert tree.code(inner.items) == "d"
        assert found.innermost is inner
        assert header(inner) is inner.node

    def test_a_call_in_the_test_of_while_has_no_holder(self) -> None:
        _, found = repetition("while ask(x):\n    f()\n")
        (loop,) = found.rounds
        assert isinstance(loop, LoopParts)
        assert (loop.holder, loop.before, loop.after) == (None, (), ())

    @pytest.mark.parametrize("text", ["for a in ask(x):\n    f()\n", "[a for a in ask(x)]\n", "for a in b:\n    f()\nelse:\n    ask(x)\n"])
    def test_what_runs_once_is_not_repeated(self, text: str) -> None:
        _, path = path_to(text, "ask(x)")
        assert repetition_around(path, repeats=False) is None

    @pytest.mark.parametrize(
        ("text", "clauses"),
        [
            ("[ask(x) for a in b for c in d if e]\n", ["b", "d"]),
            ("[a for a in b for c in ask(x)]\n", ["b"]),
            ("[a for a in b if ask(x) for c in d]\n", ["b"]),
            ("{a: ask(x) for a in b}\n", ["b"]),
            ("f(ask(x) for a in b)\n", ["b"]),
        ],
    )
    def test_the_clauses_before_the_call_repeat_it(self, text: str, clauses: list[str]) -> None:
        tree, found = repetition(text)
        assert all(isinstance(each, ComprehensionParts) for each in found.rounds)
        assert [tree.code(each.items) for each in found.rounds if each.items is not None] == clauses

    @pytest.mark.parametrize(
        ("call", "worker", "items"),
        [
            ("pool.map(ask, rows)", "ask", "rows"),
            ("map(lambda row: ask(row), rows)", "lambda row: ask(row)", "rows"),
            ('df["text"].apply(ask)', "ask", 'df["text"]'),
            ("pool.starmap(partial(ask, 1), rows, chunksize=2)", "partial(ask, 1)", "rows"),
        ],
    )
    def test_a_repeating_call_has_a_worker_and_items(self, call: str, worker: str, items: str) -> None:
        tree, found = repetition(f"y = list({call})\n", call, repeats=True)
        (each,) = found.rounds
        assert isinstance(each, RepeatingCall)
        assert each.worker is not None
        assert each.items is not None
        assert (tree.code(each.worker), tree.code(each.items), each.targets) == (worker, items, None)

    def test_a_loop_around_the_function_does_not_count(self) -> None:
        _, path = path_to("for a in b:\n    def f():\n        ask(x)\n", "ask(x)")
        assert repetition_around(path, repeats=False) is None


class TestProgress:
    """Progress displays, by each way in which code holds them."""

    @staticmethod
    def display(text: str, code: str) -> tuple[SourceTree, Progress]:
        tree, path = path_to(text, code)
        found = progress_at(path)
        assert found is not None
        return tree, found

    def test_a_wrapper_wraps_its_first_argument(self) -> None:
        tree, found = self.display("for a in tqdm(rows, desc=1):\n    f(a)\n", "tqdm(rows, desc=1)")
        assert found.wrapped is not None
        assert (tree.code(found.wrapped), found.bar) == ("rows", "")

    @pytest.mark.parametrize("head", ["bar = tqdm(rows)\n", "with tqdm(rows) as bar:\n    pass\n"])
    def test_a_variable_holds_the_display(self, head: str) -> None:
        text = f"{head}for a in bar:\n    bar.update(1)\n    if a:\n        bar.set_postfix(a=a)\n    other.update()\n"
        tree, found = self.display(text, "tqdm(rows)")
        loop = next(tree.nodes(cst.For))
        assert found.bar == "bar"
        assert [tree.code(each) for each in found.updates(loop)] == ["bar.update(1)", "bar.set_postfix(a=a)"]

    def test_an_update_wraps_nothing(self) -> None:
        _, found = self.display("for a in b:\n    bar.update(1)\n", "bar.update(1)")
        assert (found.wrapped, found.bar) == (None, "bar")

    def test_a_statement_may_report_progress(self) -> None:
        _, found = self.display("job.done = 1\n", "job.done = 1")
        assert isinstance(found.call, cst.Assign)

    def test_nothing_is_found_at_no_path(self) -> None:
        assert progress_at(()) is None


class TestHandler:
    """The function around a call, and what waits in it."""

    TEXT = """\
@app.post("/")
@traced
def answer():
    batch = submit(x)
    def later():
        while True:
            client.batches.retrieve(batch.id)
    for _ in range(3):
        while not done:
            done = client.batches.retrieve(batch.id)
            time.sleep(1)
    client.wait(batch)
    while rows:
        rows.pop()
"""

    def handler(self) -> tuple[SourceTree, Handler]:
        tree, path = path_to(self.TEXT, "submit(x)")
        return tree, handler_around(path, frozenset({"retrieve"}), frozenset({"wait"}))

    def test_decorators_are_in_order(self) -> None:
        tree, handler = self.handler()
        assert handler.function is not None
        assert [tree.code(each.decorator) for each in handler.decorators] == ['app.post("/")', "traced"]

    def test_loops_that_poll_and_calls_that_block_wait(self) -> None:
        tree, handler = self.handler()
        assert [(type(each), tree.span(each).start.line) for each in handler.waits] == [(cst.While, 9), (cst.Call, 12)]

    def test_a_module_has_no_function(self) -> None:
        _, path = path_to("submit(x)\n", "submit(x)")
        handler = handler_around(path)
        assert (handler.function, handler.decorators, handler.waits) == (None, (), ())


class TestSpellings:
    """Code on one line, as its author wrote it."""

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            ("f(\n    a,  # why\n    b,\n)", "f(a, b)"),
            ("(\n    a,\n)", "(a,)"),
            ('x + "a  # b" + \\\n    c', 'x + "a  # b" + c'),
            ('f("""a\nb""")', 'f("""…""")'),
            ("[\n    1,\n    2,\n]", "[1, 2]"),
            ("f(a)(\n    b,\n)", "f(a)(b)"),
            ("a  if  b else c", "a if b else c"),
        ],
    )
    def test_one_line(self, code: str, line: str) -> None:
        assert one_line(code) == line

    def test_long_code_is_cut(self) -> None:
        assert shortened("a" * 70) == "a" * 59 + "…"

    @pytest.mark.parametrize(
        ("message", "said"),
        [
            ("`d['a']` runs", '`d["a"]` runs'),
            ("`[… for x in y…` runs", "`[f(x) for x in y if x]` runs"),
            ("`other['a']` runs", "`other['a']` runs"),
            ("`…` and `d` run", "`…` and `d` run"),
        ],
    )
    def test_code_in_messages_is_spelled_as_in_the_source(self, message: str, said: str) -> None:
        parts = ['d["a"]', "d", "[\n    f(x)\n    for x in y\n    if x\n]"]
        assert respelled(message, parts[1:2], lambda: parts) == said

    def test_a_finding_has_the_quotes_of_the_source(self, tmp_path: Path) -> None:
        (found,) = findings(tmp_path, f'{ASK}def job(data):\n    for text in data[\n        "texts"\n    ]["all"]:\n        ask(text)\n')
        assert found.message.startswith('`ask` runs once per item of `data["texts"]["all"]`')
        assert found.trace[0].note == 'the loop over `data["texts"]["all"]` repeats the call'


class TestFrames:
    """The rows that a code frame shows."""

    def test_a_frame_shows_the_loop_and_the_call(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        body = "".join(f"        step{n} = text\n" for n in range(5))
        (tmp_path / "job.py").write_text(
            f"{ASK}def job(texts):\n    for text in texts:\n{body}        ask(text)\n        print(text)\n", encoding="utf-8"
        )
        report = check(["job.py"], Config(root=tmp_path, cache=False))
        assert [each.frame for each in report.findings] == [(11,)]
        assert """\
   |
11 |     for text in texts:
...
16 |         step4 = text
17 |         ask(text)
   |         ^^^^^^^^^
18 |         print(text)
   |
""" in FORMATS["full"](report)

    @pytest.mark.parametrize(
        ("body", "rows"),
        [
            ("def job(a):\n    for b in a:\n        for c in b:\n            ask(c)\n", (11, 12)),
            ("def job(a):\n    return [\n        ask(c)\n        for b in a\n        for c in b\n    ]\n", (13, 14)),
            ("from tqdm import tqdm\n\ndef job(a):\n    bar = tqdm(a)\n    for b in bar:\n        ask(b)\n", (13, 14)),
            ("def job(a):\n    return list(map(ask, a))\n", (11,)),
        ],
    )
    def test_rows(self, body: str, rows: tuple[int, ...], tmp_path: Path) -> None:
        (found,) = findings(tmp_path, ASK + body)
        assert found.frame == rows

    def test_a_handler_is_shown_with_what_waits(self, tmp_path: Path) -> None:
        text = (
            "import time\nfrom fastapi import FastAPI\nfrom openai import OpenAI\n\napp = FastAPI()\nclient = OpenAI()\n\n\n"
            '@app.post("/")\ndef submit(name: str):\n    print(name)\n'
            '    batch = client.batches.create(input_file_id=name, endpoint="/v1/responses", completion_window="24h")\n    print(name)\n'
            '    while client.batches.retrieve(batch.id).status not in ("completed", "failed", "expired", "cancelled"):\n'
            "        time.sleep(9)\n    return batch.id\n"
        )
        (found,) = findings(tmp_path, text)
        assert (found.rule.code, found.location.span.start.line, found.frame) == ("SRF202", 12, (9, 10, 14))

    def test_rows_of_a_notebook_are_those_of_the_cell(self, tmp_path: Path) -> None:
        cells = [
            "from openai import OpenAI\nclient = OpenAI()\nrows = open('a').readlines()",
            "for row in rows:\n    client.responses.create(input=row)",
        ]
        cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        lines = [{**cell, "source": source} for source in cells]
        notebook = {"cells": lines, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        (found,) = check([tmp_path], Config(root=tmp_path, cache=False)).findings
        assert (found.location.cell, found.location.span.start.line, found.frame) == (2, 2, (1,))


class TestStage:
    """When concrete syntax is read, and what happens if it cannot be."""

    JOB = f"{ASK}def job(texts):\n    for text in texts:\n        ask(text)\n"

    @staticmethod
    def imports(folder: Path) -> bool:
        """Whether a run in a folder imports LibCST."""
        program = "import atexit, sys; atexit.register(lambda: print('libcst' in sys.modules, file=sys.stderr)); "
        program += "from surfacelint.startup import main; main()"
        environment = {**os.environ, "SURFACELINT_CACHE_DIR": str(folder / "cache")}
        command = [sys.executable, "-c", program, "check", "--exit-zero", "--quiet", "job.py"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        return done.stderr.splitlines()[-1] == "True"

    def test_libcst_is_imported_for_a_finding(self, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text(self.JOB, encoding="utf-8")
        assert self.imports(tmp_path)

    @pytest.mark.parametrize("text", [ASK, f"{ASK}x = 1  # surfacelint: ignore[SRF101]\n"])
    def test_libcst_is_not_imported_without_a_workload(self, text: str, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text(text, encoding="utf-8")
        assert not self.imports(tmp_path)

    def test_a_finding_that_visitors_cannot_see_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (seen,) = findings(tmp_path, self.JOB)
        monkeypatch.setattr(SourceTree, "path_to", lambda tree, place: ())
        (unseen,) = findings(tmp_path, self.JOB)
        assert (unseen.refusal, unseen.fix, unseen.frame) == (UNSEEN, None, ())
        assert (unseen.message, unseen.location, unseen.trace) == (seen.message, seen.location, seen.trace)

    def test_a_finding_in_unreadable_lines_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def unreadable(text: str, first: int, last: int) -> SourceTree:
            raise UnreadableError("too deep")

        monkeypatch.setattr(SourceTree, "of_lines", unreadable)
        (found,) = findings(tmp_path, self.JOB)
        assert found.refusal == UNSEEN

    def test_workloads_of_one_call_are_told_apart(self, tmp_path: Path) -> None:
        text = (
            "from fastapi import FastAPI\nfrom openai import OpenAI\n\napp = FastAPI()\nclient = OpenAI()\n\n\n"
            '@app.post("/")\nasync def label(texts: list[str]):\n    for text in texts:\n'
            '        client.responses.create(model="gpt-5-mini", input=text)\n'
        )
        (tmp_path / "job.py").write_text(text, encoding="utf-8")
        found = check([tmp_path], Config(root=tmp_path, cache=False, extend_select=("SRF303", "SRF306"))).findings
        by_code = {each.rule.code: each.fix.edits[0].text for each in found if each.fix is not None}
        assert "asyncio.to_thread" in by_code["SRF303"]
        assert all("asyncio.to_thread" not in text for code, text in by_code.items() if code != "SRF303")
