"""Makes the statements for one item of a loop fit for rehearsals, which run them up to the request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.repeatable_code import is_repeatable, one_line
from surfacelint.codemods.loop_to_batch.request_counts import Known, count_requests, ends_block
from surfacelint.codemods.refusals import RefusedError
from surfacelint.codemods.tree_edits import catching_exceptions, preceded_by
from surfacelint.visitors.lasting_effects import LastingEffect, OwnNames, dotted_path, effects_of, is_output, is_sleep
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.source_tree import SourceTree, children

_PAST = 99
"""A number of requests after which no rehearsal runs on."""


@dataclass(slots=True)
class ItemBlock:
    """The statements for one item.

    - `requests`: the calls in them that send requests, with their counts. Those in `direct` send them themselves.
    - `stages`: a rehearsal runs on while fewer requests than this have been sent.
    - `batch`: the name of the run in the code.
    - `containers`: the names of lists, dicts and sets that the function makes before the loop.
    - `walks`: inner loops over items.
    - `parallel`: statements that send requests which do not need each other's answers, so that each becomes an item of its own.
    - `resetting`: what has to get back its content before each pass of the outermost loop.
    - `is_outermost`: whether no other loop over items is around this one.
    """

    document: Document
    tree: SourceTree
    changes: ProgramChanges
    requests: Known
    stages: int
    batch: str
    own: OwnNames
    containers: frozenset[str]
    scope: cst.CSTNode
    direct: frozenset[cst.Call]
    walks: frozenset[cst.CSTNode] = frozenset()
    parallel: tuple[cst.CSTNode, ...] = ()
    resetting: list[str] = field(default_factory=list)
    is_outermost: bool = True
    _inner_loops: int = 0

    def adapt(self, statements: Sequence[cst.CSTNode], sent: int = 0, *, more: bool = False) -> int:
        """Adapt a block of statements. `sent` is the least number of requests sent before it, `more` whether any may follow it.

        Returns the least number of requests sent after it. Raises `RefusedError` if a rehearsal would do what must not happen twice.
        """
        followed = self._followed(statements, more)
        for position, statement in enumerate(statements):
            follows = followed[position]
            if statement in self.parallel:
                self._adapt_statement(statement, sent, True)
                self.changes.change(self.document, self.tree, statement, self._as_item)
                continue
            if self.parallel and not follows and sent < self.stages and statements[position - 1] is self.parallel[-1]:
                self._insert_end(statement)
                sent = _PAST
            if sent < self.stages and not follows and not self._sends(statement) and self._lasts(statement):
                self._insert_end(statement)
                sent = _PAST
            sent = self._adapt_statement(statement, sent, follows)
        return sent

    def _adapt_statement(self, statement: cst.CSTNode, sent: int, more: bool) -> int:
        """Adapt one statement, and return the least number of requests sent after it."""
        match statement:
            case cst.If(test=test, body=body, orelse=orelse):
                sent = self._adapt_expression(test, sent, more or self._sends(body) or self._sends(orelse))
                after = [self._adapt_branch(body, sent, more)]
                after.append(sent if orelse is None else self._adapt_branch(orelse, sent, more))
                return min(after)
            case cst.Else(body=body) | cst.Finally(body=body):
                return self._adapt_branch(body, sent, more)
            case cst.Try():
                return self._adapt_try(statement, sent, more)
            case cst.With(items=items, body=body):
                for item in items:
                    sent = self._adapt_expression(item, sent, more or self._sends(body))
                return self._adapt_branch(body, sent, more)
            case cst.For(iter=iterable, body=body) if statement in self.walks:
                self._adapt_expression(iterable, sent, True)
                return sent
            case cst.For(iter=test, body=body) | cst.While(test=test, body=body):
                sent = self._adapt_expression(test, sent, more or self._sends(body))
                return self._adapt_loop(body, sent, more)
            case cst.SimpleStatementLine(body=parts):
                for number, part in enumerate(parts):
                    sent = self._adapt_small(part, statement, sent, more or any(self._sends(each) for each in parts[number + 1 :]))
                return sent
            case cst.FunctionDef() | cst.ClassDef():
                return sent
            case cst.Match(subject=subject, cases=cases):
                sent = self._adapt_expression(subject, sent, more or any(map(self._sends, cases)))
                return min([sent, *(self._adapt_branch(each.body, sent, more) for each in cases)])
            case _:
                raise RefusedError(f"`{one_line(self.tree, statement)}` cannot be followed")

    def _adapt_branch(self, body: cst.CSTNode, sent: int, more: bool) -> int:
        if isinstance(body, cst.If | cst.Else | cst.Finally):
            return self._adapt_statement(body, sent, more)
        if isinstance(body, cst.SimpleStatementSuite):
            if sent < self.stages and self._lasts(body):
                raise RefusedError(f"`{one_line(self.tree, body)}` is on the line of its condition")
            return sent
        statements = body.body if isinstance(body, cst.IndentedBlock) else ()
        after = self.adapt(statements, sent, more=more)
        return _PAST if statements and ends_block(statements[-1]) else after

    def _adapt_loop(self, body: cst.CSTNode, sent: int, more: bool) -> int:
        """Adapt the body of an inner loop, which tries again if it sends a request."""
        sends = self._sends(body)
        self._inner_loops += 1
        after = self._adapt_branch(body, sent, more or sends)
        self._inner_loops -= 1
        return after if sends else sent

    def _adapt_try(self, statement: cst.Try, sent: int, more: bool) -> int:
        orelse = statement.orelse is not None and self._sends(statement.orelse)
        after = self._adapt_branch(statement.body, sent, more or orelse)
        if statement.orelse is not None:
            after = self._adapt_branch(statement.orelse, after, more)
        first = self._first_calls(statement.body)
        for handler in statement.handlers:
            self._check_handler(handler, statement)
            # A rehearsal ends at the request. So only what fails before it leads to a handler.
            self._adapt_branch(handler.body, sent if first else _PAST, more)
        if statement.finalbody is not None:
            self._guard_block(statement.finalbody.body)
        return after

    def _check_handler(self, handler: cst.ExceptHandler, statement: cst.Try) -> None:
        if not self._sends(statement.body):
            return
        if handler.type is None:
            self.changes.change(self.document, self.tree, handler, catching_exceptions)
        elif "BaseException" in self.tree.code(handler.type):
            raise RefusedError("`except BaseException` would catch the end of a rehearsal")

    def _first_calls(self, body: cst.CSTNode) -> bool:
        """Whether a block calls anything before its first request, other than to print."""
        for node in self.tree.inside(body):
            if isinstance(node, cst.Call) and not is_output(node):
                inner = any(isinstance(each, cst.Call) and each in self.requests for each in self.tree.inside(node))
                if node in self.requests:
                    return any(isinstance(each, cst.Call) and each not in self.requests for each in self.tree.inside(node))
                if not inner:
                    return True
        return False

    def _adapt_small(self, part: cst.CSTNode, line: cst.SimpleStatementLine, sent: int, more: bool) -> int:
        if is_sleep(part):
            self._remove(part, line)
            return sent
        if sent < self.stages and isinstance(part, cst.Break) and not self._inner_loops:
            self.changes.change(self.document, self.tree, line, self._stop)
            return sent
        if sent < self.stages and isinstance(part, cst.Return) and self._inner_loops:
            raise RefusedError(f"`{one_line(self.tree, part)}` ends the loop before a request")
        if sent < self.stages and isinstance(part, cst.Return):
            # It would end the passes and not only a rehearsal.
            stop = f"if not {self.batch}.is_last_pass:\n    {self.batch}.stop()\n    continue\n"
            self.changes.change(self.document, self.tree, line, preceded_by(stop))
            return sent
        return self._adapt_expression(part, sent, more, line)

    def _remove(self, part: cst.CSTNode, line: cst.SimpleStatementLine) -> None:
        """Remove a pause between requests."""
        block = self.tree.parent(line)
        if len(line.body) > 1:
            self.changes.change(self.document, self.tree, part, lambda _: cst.RemoveFromParent())
        elif isinstance(block, cst.IndentedBlock) and len(block.body) > 1:
            self.changes.change(self.document, self.tree, line, lambda _: cst.RemoveFromParent())
        else:
            self.changes.change(self.document, self.tree, part, lambda _: cst.Pass())

    def _adapt_expression(self, node: cst.CSTNode, sent: int, more: bool, line: cst.SimpleStatementLine | None = None) -> int:
        """Adapt a simple statement or the head of a compound one. Its effects happen after its requests, unless they are arguments."""
        least, most = self._least(node), count_requests(self.tree, node, self.requests).most
        choice = self._choice(node) if line is not None and least < most and not more and sent + least < self.stages else None
        if choice is not None and line is not None and len(line.body) == 1 and self._lasts(line):
            self._decide_before(line, choice)
            return _PAST
        for effect in self._effects(node):
            before = sent + (least if self._sends(effect.node) else 0)
            if before < self.stages and not is_repeatable(self.document, self.tree, effect, self.scope, 2):
                self._neutralise(effect, line, most > 0)
        return sent + least

    def _choice(self, node: cst.CSTNode) -> cst.BaseExpression | None:
        """Return the expression inside of a statement that decides whether to send a request."""
        if isinstance(node, cst.Assign) and all(isinstance(target.target, cst.Name) for target in node.targets):
            return None
        choices = (each for each in self.tree.inside(node) if isinstance(each, cst.IfExp | cst.BooleanOperation | cst.Await | cst.Call))
        return next((each for each in choices if self._decides(each)), None)

    def _decides(self, node: cst.BaseExpression) -> bool:
        """Whether an expression as a whole is what may send a request."""
        if isinstance(node, cst.IfExp | cst.BooleanOperation):
            return self._sends(node)
        return (node.expression if isinstance(node, cst.Await) else node) in self.requests

    def _decide_before(self, line: cst.SimpleStatementLine, choice: cst.BaseExpression) -> None:
        """Decide on a line of its own whether to send a request, so that what the statement does with the answer runs once."""
        name = fresh_name("answer", self.tree.once(mentioned_names))
        decided: list[cst.BaseExpression] = []

        def named(updated: cst.BaseExpression) -> cst.Name:
            decided.append(updated)
            return cst.Name(name)

        def after_choice(updated: cst.SimpleStatementLine) -> cst.FlattenSentinel[cst.BaseStatement]:
            first = cst.SimpleStatementLine(
                [cst.Assign([cst.AssignTarget(cst.Name(name))], decided[0])], leading_lines=updated.leading_lines
            )
            end = cst.parse_statement(f"{self.batch}.last_pass_only()")
            return cst.FlattenSentinel([first, end, updated.with_changes(leading_lines=[])])

        self.changes.change(self.document, self.tree, choice, named)
        self.changes.change(self.document, self.tree, line, after_choice)

    def _neutralise(self, effect: LastingEffect, line: cst.SimpleStatementLine | None, sends: bool) -> None:
        """Undo an effect between the passes, or leave it to the last pass. Raises `RefusedError` if neither is possible."""
        root = effect.path.partition(".")[0]
        kept = self._kept_by(effect)
        if kept:
            if kept not in self.resetting:
                self.resetting.append(kept)
        elif line is not None and len(line.body) == 1 and not sends and self._is_unread(effect, line):
            self._guard(line)
        else:
            spelled = one_line(self.tree, effect.node)
            carries = effect.kind in ("rebinding", "assignment")
            why = "carries from one item to the next" if carries else "runs before the request, and must not run twice"
            raise RefusedError(f"`{effect.path if carries else spelled}` {why}" if root else f"`{spelled}` {why}")

    def _kept_by(self, effect: LastingEffect) -> str:
        """Return the argument of `resetting` that undoes an effect between the passes, or an empty string."""
        is_entry = effect.kind in ("rebinding", "assignment") and _is_entry(effect.node)
        if (is_entry or effect.kind in ("mutation", "consumption")) and effect.path in self.containers:
            return effect.path
        if not self.is_outermost:
            return ""  # the items of an inner loop are known only while the outer one walks its own
        if isinstance(self.scope, cst.For) and isinstance(self.scope.iter, cst.Name) and effect.path == dotted_path(self.scope.target):
            is_part = effect.kind in ("mutation", "consumption") or isinstance(effect.node, cst.AugAssign)
            return f"*{self.scope.iter.value}" if is_part else ""
        return ""

    def _is_unread(self, effect: LastingEffect, line: cst.SimpleStatementLine) -> bool:
        """Whether no code of the item that may be rehearsed reads what an effect writes, other than to print it."""
        if effect.kind in ("chance", "clock", "consumption") or not isinstance(line.body[0], cst.Expr | cst.AugAssign | cst.Assign):
            return False
        if effect.kind in ("call", "use"):
            return False  # others may see when it happens
        reads = [
            node for node in self.tree.inside(self.scope) if isinstance(node, cst.Name | cst.Attribute) and dotted_path(node) == effect.path
        ]
        return all(self._is_harmless_read(node, line) for node in reads)

    def _is_harmless_read(self, node: cst.CSTNode, line: cst.SimpleStatementLine) -> bool:
        for outer in self.tree.ancestors(node):
            if outer is line or (isinstance(outer, cst.SimpleStatementLine) and is_output(outer)):
                return True
            if outer is self.scope:
                return False
        return True

    def _as_item(self, statement: cst.BaseStatement) -> cst.With:
        """Return the block that runs a statement as an item."""
        leading = getattr(statement, "leading_lines", ())
        item = cst.WithItem(cst.parse_expression(f"{self.batch}.item()"))
        return cst.With([item], cst.IndentedBlock([statement.with_changes(leading_lines=[])]), leading_lines=leading)

    def _guard(self, line: cst.SimpleStatementLine) -> None:
        test = cst.parse_expression(f"{self.batch}.is_last_pass")

        def guarded(updated: cst.SimpleStatementLine) -> cst.If:
            return cst.If(test, cst.IndentedBlock([updated.with_changes(leading_lines=[])]), leading_lines=updated.leading_lines)

        self.changes.change(self.document, self.tree, line, guarded)

    def _stop(self, updated: cst.SimpleStatementLine) -> cst.FlattenSentinel[cst.BaseStatement]:
        """Return what takes the place of `break`, which would end the passes and not only this one."""
        stop = cst.parse_statement(f"{self.batch}.stop()").with_changes(leading_lines=updated.leading_lines)
        return cst.FlattenSentinel([stop, cst.SimpleStatementLine([cst.Continue()], trailing_whitespace=updated.trailing_whitespace)])

    def _guard_block(self, body: cst.BaseSuite) -> None:
        """Leave the effects of a `finally` to the last pass: it runs at the end of a rehearsal, too."""
        if not self._lasts(body):
            return
        for statement in body.body:
            if not isinstance(statement, cst.SimpleStatementLine):
                raise RefusedError("`finally` runs at the end of a rehearsal, too")
            self._guard(statement)

    def _insert_end(self, statement: cst.CSTNode) -> None:
        self.changes.change(self.document, self.tree, statement, preceded_by(f"{self.batch}.last_pass_only()"))

    def _followed(self, statements: Sequence[cst.CSTNode], more: bool) -> list[bool]:
        """Return for each statement of a block whether a request may follow, in the rest of the block or after it."""
        found: list[bool] = []
        for statement in reversed(statements):
            found.append(more)
            more = self._sends(statement) or (more and not ends_block(statement))
        return found[::-1]

    def _sends(self, node: cst.CSTNode | None) -> bool:
        return node is not None and (node in self.requests or any(each in self.requests for each in self.tree.inside(node)))

    def _least(self, node: cst.CSTNode) -> int:
        """Return the least number of requests that an expression sends."""
        if isinstance(node, cst.IfExp | cst.BooleanOperation | cst.Lambda):
            return 0
        inner = sum(self._least(child) for child in children(node))
        return inner + (self.requests[node].least if isinstance(node, cst.Call) and node in self.requests and self._is_certain(node) else 0)

    def _is_certain(self, call: cst.Call) -> bool:
        """Whether a call is known to send its request: a method may be another one, which sends none."""
        return call in self.direct or isinstance(call.func, cst.Name)

    def _lasts(self, statement: cst.CSTNode) -> bool:
        """Whether a statement does anything that must not happen twice."""
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Continue | cst.Pass):
            return False
        if any(isinstance(each, cst.Return | cst.Break) for each in self.tree.within(statement)):
            return True
        effects = self._effects(statement)
        return any(each.kind == "assignment" or not is_repeatable(self.document, self.tree, each, self.scope, 2) for each in effects)

    def _effects(self, node: cst.CSTNode) -> Iterator[LastingEffect]:
        """Yield the effects of a node. What the functions on the way to a request do is checked elsewhere."""
        yield from (each for each in effects_of(self.tree, node, self.own) if each.kind != "use" or each.node not in self.requests)


def _is_entry(node: cst.CSTNode) -> bool:
    """Whether a statement changes an entry of a container: `counts[key] += 1`."""
    if isinstance(node, cst.Assign):
        return all(isinstance(each.target, cst.Subscript) and isinstance(each.target.value, cst.Name) for each in node.targets)
    return isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Subscript) and isinstance(node.target.value, cst.Name)
