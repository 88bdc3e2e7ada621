"""SRF505: lets a polling loop end in every terminal state, and no later than its deadline, with growing pauses.

Unsafe: a loop that ran forever now raises, and it polls at other times.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.drafts import INDENT, Draft, statement_around
from surfacelint.codemods.import_edits import ImportEdits
from surfacelint.codemods.refusals import Refusal
from surfacelint.codemods.state_names import StateNames
from surfacelint.model.findings import Applicability, Finding, Fix
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.poll_loop_visitor import Pause, PollLoop, held_in, poll_loop
from surfacelint.visitors.side_effects import below, paths_changed
from surfacelint.visitors.source_tree import SourceTree

FIRST_PAUSE = 5
"""Seconds of the first pause, unless the loop has a shorter one. Small batches may end within a minute."""

LONGEST_PAUSE = 60
"""Seconds up to which pauses grow, unless the loop has longer ones."""

_DEFAULT_HOURS = 24.0


def poll_end(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix of a polling loop. Refuses if it is not clear which expression of the loop is the state of the job."""
    document, api = documents.at(workload.site.path), workload.provider.batch
    if document is None or api is None:
        return Refusal(f"`{workload.site.path}` cannot be read")
    tree = document.tree(workload.function)
    call = tree.call_at(document.span(workload.site))
    found = None if call is None else poll_loop(tree, call)
    if call is None or found is None:
        return Refusal(f"no `while` loop stands around `{workload.call}`")
    if found.body is None:
        return Refusal("the body of the loop shares a line with its `while`")
    status = _status(document, tree, found, api)
    if isinstance(status, Refusal):
        return status
    missed = [state for state in api.done if state in workload.about.replace(" or ", ", ").split(", ")]
    return _Rewrite(document, tree, found, call, status, api).fix(missed)


@record(frozen=True, slots=True)
class _Status:
    """The state of the job: an expression that can be read after `anchor`, and how the loop spells states.

    `anchor` is the statement after which the state is new; `None` if the test of the loop polls. `walrus` is the name that the fix gives to
    the result of a poll that has no variable.
    """

    text: str
    states: StateNames
    anchor: cst.SimpleStatementLine | None
    walrus: str = ""


def _status(document: Document, tree: SourceTree, found: PollLoop, api: BatchApi) -> _Status | Refusal:
    """Return the state of the job that a loop polls."""
    for side, other in found.compared:
        states = StateNames.of(other, document.outline, api.done)
        if states is not None:
            return _compared_status(tree, found, side, states)
    job = statement_around(tree, found.poll)
    assigned = job.body[0] if job is not None else None
    if isinstance(assigned, cst.Assign) and assigned.value is found.poll and isinstance(assigned.targets[0].target, cst.Name):
        return _Status(f"{assigned.targets[0].target.value}.{api.status[-1]}", StateNames(), job)
    return Refusal("no expression of the loop is compared with a state of the batch")


def _compared_status(tree: SourceTree, found: PollLoop, side: cst.BaseExpression, states: StateNames) -> _Status | Refusal:
    walrus = ""
    node: cst.CSTNode = side
    named = [each for each in tree.nodes(cst.NamedExpr) if _holds(side, each)]
    if named:
        node = _replaced(node, named[0], named[0].target)
    elif _holds(side, found.poll):
        walrus = fresh_name("status" if side is found.poll else "batch", tree.once(mentioned_names))
        node = _replaced(node, found.poll, cst.Name(walrus))
    text = tree.code(node)
    variables = held_in(node, found.held)
    anchor = _last_assignment(tree, found, variables) if not walrus else statement_around(tree, found.poll)
    if anchor is None and not _in_test(found):
        return Refusal(f"`{text}` is not set in a statement of its own")
    return _Status(text, states, anchor, walrus)


class _Rewrite:
    """The edits of one polling loop."""

    def __init__(self, document: Document, tree: SourceTree, found: PollLoop, call: cst.Call, status: _Status, api: BatchApi) -> None:
        self._document, self._tree, self._found, self._call, self._status, self._api = document, tree, found, call, status, api
        self._draft = Draft(document, tree)
        self._imports = ImportEdits(document, tree.span(found.loop).start)
        taken = tree.once(mentioned_names)
        self._deadline = fresh_name("deadline", taken)
        self._pause = fresh_name("pause", taken)

    def fix(self, missed: list[str]) -> Fix | Refusal:
        """Return the fix for the terminal states in which the loop does not end."""
        time = self._imports.name("time")
        sleeping = "" if self._found.pauses else self._imports.name("asyncio") if self._found.is_async else time
        for name in (time, sleeping):
            if isinstance(name, Refusal):
                return name
        hours = _hours(self._tree, self._api)
        before = [f"{self._deadline} = {time}.monotonic() + {hours} * 60 * 60"]
        late = [
            f"if {time}.monotonic() > {self._deadline}:",
            f"{INDENT}raise TimeoutError({self._text(f'batch{self._identity()} has not ended after {hours} hours')})",
        ]
        obstacle = self._check_state(missed)
        if obstacle is not None:
            return obstacle
        before += self._grow_pauses(late, str(sleeping))
        self._draft.before(self._found.loop, before)
        edits = (*self._draft.edits(), *self._imports.edits())
        return Fix("End the loop in every terminal state, with a deadline and growing pauses", edits, Applicability.UNSAFE)

    def _check_state(self, missed: list[str]) -> Refusal | None:
        """Add the check for the missed states where the state is new. Returns why that is not possible, or `None`."""
        status, draft = self._status, self._draft
        names = [status.states.spelled(state) for state in missed]
        test = f"== {names[0]}" if len(names) == 1 else f"in ({', '.join(names)})"
        lines = [f"if {status.text} {test}:", f"{INDENT}raise RuntimeError({self._failure()})"]
        if status.walrus:
            poll = self._found.poll
            bound = f"{status.walrus} := {self._tree.code(poll.with_changes(lpar=[], rpar=[]))}"
            draft.replace(poll, bound if poll.lpar else f"({bound})")
        if status.anchor is None:
            draft.before(self._first(), lines)
            return None
        caught = self._catching(status.anchor)
        if caught is not None:
            return self._check_after_try(caught, status.anchor, lines)
        place = self._before_pause(status.anchor)
        if place is None:
            draft.after(status.anchor, lines)
        else:
            draft.before(place, lines)
        return None

    def _check_after_try(self, caught: cst.Try | cst.TryStar, anchor: cst.SimpleStatementLine, lines: list[str]) -> Refusal | None:
        """Add the check to the `else` of a `try`, where its `except` cannot catch it."""
        if self._tree.parent(anchor) is not caught.body:
            return Refusal("the poll is in a block inside a `try`, whose `except` would catch the error")
        if caught.orelse is not None:
            if not isinstance(caught.orelse.body, cst.IndentedBlock):
                return Refusal("the `else` of the `try` shares a line with its body")
            self._draft.before(caught.orelse.body.body[0], lines)
        else:
            self._draft.after(caught.handlers[-1], ["else:", *(f"{INDENT}{line}" for line in lines)])
        return None

    def _catching(self, anchor: cst.CSTNode) -> cst.Try | cst.TryStar | None:
        """Return the innermost `try` with `except` around a statement of the loop."""
        inner = anchor
        for outer in self._tree.ancestors(anchor):
            if outer is self._found.loop:
                return None
            if isinstance(outer, cst.Try | cst.TryStar) and inner is outer.body and outer.handlers:
                return outer
            inner = outer
        return None

    def _before_pause(self, anchor: cst.SimpleStatementLine) -> cst.CSTNode | None:
        """Return the pause that follows a statement in the same block with no other way to the next round in between."""
        block = self._tree.parent(anchor)
        if not isinstance(block, cst.IndentedBlock):
            return None
        after = list(block.body)[list(block.body).index(anchor) + 1 :]
        for number, statement in enumerate(after):
            if any(pause.statement is statement for pause in self._found.pauses):
                skipped = after[:number]
                return None if any("continue" in self._tree.code(each) for each in skipped) else statement
        return None

    def _grow_pauses(self, late: list[str], sleeping: str) -> list[str]:
        """Add the deadline and let the pauses grow. Returns the lines to add before the loop."""
        pauses, draft = self._found.pauses, self._draft
        pause = pauses[0] if len(pauses) == 1 else None
        if pause is None or self._catching(pause.statement) is not None:
            draft.before(self._first(), late)
        else:
            draft.before(pause.statement, late)
        if not pauses:
            wait = "await " if self._found.is_async else ""
            growing = f"{self._pause} = min(2 * {self._pause}, {LONGEST_PAUSE})"
            draft.after(self._last(), [f"{wait}{sleeping}.sleep({self._pause})", growing])
            return [f"{self._pause} = {FIRST_PAUSE}"]
        return self._growing(pause) if pause is not None else []

    def _growing(self, pause: Pause) -> list[str]:
        """Let one pause grow. Returns the line to add before the loop; nothing if the loop computes its pauses itself."""
        seconds = pause.seconds
        if isinstance(seconds, cst.Integer | cst.Float) and not self._is_counted(seconds):
            value, given = seconds.evaluated_value, self._tree.code(seconds)
            first, longest = (str(FIRST_PAUSE), given) if value > FIRST_PAUSE else (given, given)
            longest = longest if value > LONGEST_PAUSE else str(LONGEST_PAUSE)
        elif isinstance(seconds, cst.Name) and seconds.value not in self._set_in_loop():
            first, longest = seconds.value, f"max({seconds.value}, {LONGEST_PAUSE})"
        else:
            return []
        self._draft.replace(seconds, self._pause)
        self._draft.after(pause.statement, [f"{self._pause} = min(2 * {self._pause}, {longest})"])
        return [f"{self._pause} = {first}"]

    def _is_counted(self, seconds: cst.Integer | cst.Float) -> bool:
        """Whether the loop adds up its pauses, which then must stay as they are."""
        others = [each for each in below(self._found.loop) if isinstance(each, cst.Integer | cst.Float) and each is not seconds]
        return any(each.evaluated_value == seconds.evaluated_value for each in others)

    def _set_in_loop(self) -> set[str]:
        targets: list[cst.AssignTarget | cst.AugAssign | cst.NamedExpr] = [
            *self._tree.nodes(cst.AssignTarget),
            *self._tree.nodes(cst.AugAssign),
            *self._tree.nodes(cst.NamedExpr),
        ]
        return {name for each in targets if self._found.loop in self._tree.ancestors(each) for name in paths_changed([each])}

    def _first(self) -> cst.CSTNode:
        assert self._found.body is not None
        return self._found.body.body[0]

    def _last(self) -> cst.CSTNode:
        assert self._found.body is not None
        return self._found.body.body[-1]

    def _identity(self) -> str:
        """Return the id of the job for a message, as a part of an f-string."""
        value = self._call.args[0].value if self._call.args and not self._call.args[0].star else None
        text = "" if value is None else self._tree.code(value)
        return f" {{{text}}}" if text.replace(".", "").replace("_", "").isalnum() and isinstance(value, cst.Name | cst.Attribute) else ""

    def _failure(self) -> str:
        """Return the message for a failed job as an f-string. Before Python 3.12 it cannot contain its own quotes."""
        text = self._status.text
        quote = "'" if '"' in text else '"'
        state = f" is {{{text}}}" if not {"'", '"', "\\"} <= {*text, "\\"} else " has not completed"
        return self._text(f"batch{self._identity()}{state}", quote)

    def _text(self, text: str, quote: str = '"') -> str:
        """Return a string, which is an f-string if it has values in it."""
        return f"{'f' if '{' in text else ''}{quote}{text}{quote}"


def _hours(tree: SourceTree, api: BatchApi) -> str:
    """Return after how many hours a job has ended: as the code says where it submits the batch, or as the provider does."""
    for each in tree.nodes(cst.Arg):
        if each.keyword is not None and each.keyword.value == "completion_window" and isinstance(each.value, cst.SimpleString):
            window = str(each.value.evaluated_value)
            if window[:-1].isdigit() and window[-1] in "hd":
                return str(int(window[:-1]) * (24 if window[-1] == "d" else 1))
    return f"{api.deadline_hours or api.window_hours or _DEFAULT_HOURS:g}"


def _last_assignment(tree: SourceTree, found: PollLoop, names: set[str]) -> cst.SimpleStatementLine | None:
    """Return the last statement of the loop that sets one of the names. In its test there is none."""
    assigned = []
    for statement in _statements(found.loop.body):
        for small in statement.body:
            targets = [each.target for each in small.targets] if isinstance(small, cst.Assign) else []
            if any(get_full_name_for_node(target) in names for target in targets) and len(statement.body) == 1:
                assigned.append(statement)
    return max(assigned, key=lambda each: tree.span(each).start, default=None)


def _statements(node: cst.CSTNode) -> Iterator[cst.SimpleStatementLine]:
    for child in node.children:
        if isinstance(child, cst.SimpleStatementLine):
            yield child
        else:
            yield from _statements(child)


def _in_test(found: PollLoop) -> bool:
    return _holds(found.loop.test, found.poll)


def _holds(node: cst.CSTNode, part: cst.CSTNode) -> bool:
    return node is part or any(_holds(child, part) for child in node.children)


def _replaced(node: cst.CSTNode, old: cst.CSTNode, new: cst.CSTNode) -> cst.CSTNode:
    found = node.deep_replace(old, new)
    assert isinstance(found, cst.CSTNode)
    return found
