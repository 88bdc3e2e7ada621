"""Runs functions in thought, to see what they take of the results of batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from surfacelint.catalogue.provider_rows import Surface
from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Choice,
    Clause,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Lambda,
    Name,
    Position,
    Slice,
    Span,
    Subscript,
    Walrus,
    Yield,
    children,
    dotted,
)
from surfacelint.facts.function_bodies import Assign, Augment, Evaluate, For, If, Return, Statement, Try, While, With
from surfacelint.judgement.batches import result_files
from surfacelint.judgement.batches.positional_joins import Joins
from surfacelint.judgement.batches.result_collection import JOB, Activation, Glossary, Index, Reading, Spot, Words, called
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import key_of, root
from surfacelint.judgement.flow.enclosing_statements import Block
from surfacelint.judgement.flow.statement_definitions import FILLING
from surfacelint.linking.evaluation.abstract_values import External, Function, Method
from surfacelint.linking.evaluation.call_arguments import argument_for, passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

Asked = Mapping[tuple[str, Position], Surface]
"""The calls of one batch API, by function and end."""

JOBS: frozenset[Surface] = frozenset({"batch-submit", "batch-poll", "batch-wait", "batch-cancel"})

_DEEPEST = 8
_PASSES = 3
_SORTS = frozenset({"sorted", "sort", "sort_values"})


class Following:
    """One run from one function."""

    def __init__(self, evidence: Evidence, glossary: Glossary, asked: Asked, leading: frozenset[str]) -> None:
        self._evidence = evidence
        self._glossary = glossary
        self._asked = asked
        self._leading = leading
        self._stack: list[Activation] = []
        self._done: dict[object, Activation] = {}
        self._at: tuple[Span, bool] | None = None
        self.reading = Reading()
        self._joins = Joins(evidence, glossary, self.reading, self._value)

    def start(self, function: FunctionNode) -> Reading:
        """Return what `function` reads of results that it, or what it calls, asks for."""
        act = self._run(function, {}, guarded=False)
        if act is not None:
            kept = [words for key, held in act.words.items() if self._outlives(key, act) for words in held]
            uncalled = not self._evidence.effects.edges.get(function.id)
            self.reading.escaped = any(map(self._glossary.is_whole, [*kept, *(act.returned if uncalled else ())]))
        return self.reading

    def _outlives(self, key: str, act: Activation) -> bool:
        name = root(key)
        given = any(parameter.name == name for parameter in act.function.outline.parameters)
        return given or name in act.function.outline.global_names

    def _run(self, function: FunctionNode, words: dict[str, set[Words]], *, guarded: bool) -> Activation | None:
        state = (function.id, frozenset((key, frozenset(held)) for key, held in words.items() if held), guarded)
        if state in self._done:
            return self._done[state]
        body = self._evidence.sites.bodies.body(function) if len(self._stack) < _DEEPEST else None
        if body is None:
            self.reading.lost |= any(self._glossary.is_whole(each) for held in words.values() for each in held)
            return None
        outer = next((act for act in reversed(self._stack) if act.function is function.parent), None)
        act = self._done[state] = Activation(function, {key: set(held) for key, held in words.items()}, outer)
        self._stack.append(act)
        before = self._at
        for _ in range(_PASSES):
            size = act.size
            self._block(body.statements, act, guarded)
            if act.size == size:
                break
        self._stack.pop()
        self._at = before
        return act

    # Statements.

    def _block(self, block: Block, act: Activation, guarded: bool) -> None:
        pending = list(reversed(block))
        while pending:
            statement = pending.pop()
            self._at = (statement.span, guarded)
            if isinstance(statement, If):
                self._test(statement.test, act)
                pending += reversed((*statement.body, *statement.orelse))
            else:
                self._statement(statement, act, guarded)

    def _statement(self, statement: Statement, act: Activation, guarded: bool) -> None:
        match statement:
            case Assign(targets=targets, value=value):
                found = self._value(value, act)
                for target in targets:
                    self._joins.column(target, value, found, act, statement.span)
                    self._assign(target, found, act)
            case Augment(target=target, value=value):
                self._assign(target, self._value(value, act), act)
            case Evaluate(value=Composite() as test):
                self._test(test, act)  # an assertion
            case Evaluate(value=value):
                self._value(value, act)
            case Return(value=returned):
                act.returned |= set() if returned is None else self._value(returned, act)
            case _:
                self._compound(statement, act, guarded)

    def _compound(self, statement: Statement, act: Activation, guarded: bool) -> None:
        match statement:
            case For(target=target, iterable=iterable, body=body, orelse=orelse):
                self._bind(target, iterable, self._value(iterable, act), act)
                self._block((*body, *orelse), act, guarded)
            case While(test=test, body=body, orelse=orelse):
                self._test(test, act)
                self._block((*body, *orelse), act, guarded)
            case With(items=items, body=body):
                for value, named in items:
                    found = self._value(value, act)
                    if named is not None:
                        self._assign(named, found, act)
                self._block(body, act, guarded)
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
                self._block(body, act, guarded or bool(handlers))
                self._block((*orelse, *(each for handler in handlers for each in handler.body), *final), act, guarded)
            case _:
                pass

    def _assign(self, target: Expr, words: set[Words], act: Activation) -> None:
        match target:
            case Collection(items=items):
                for item in items:
                    self._assign(item, words, act)
            case Subscript(value=value, index=index):
                self._value(index, act)
                self._joins.indexed(target, self._value(value, act), act, self._at)
                key = key_of(value)
                if key is not None and words:
                    act.add(key, words)
            case _:
                key = key_of(target)
                if key is not None and words:
                    act.add(key, words)

    def _bind(self, target: Expr, iterable: Expr, words: set[Words], act: Activation) -> None:
        """Bind the target of a loop to the items of what it walks over."""
        numbered, zipped, ranged = called(iterable, "enumerate"), called(iterable, "zip"), called(iterable, "range")
        items = target.items if isinstance(target, Collection) else ()
        if numbered is not None and numbered.arguments and len(items) == 2 and isinstance(items[0], Name):
            inner = numbered.arguments[0].value
            index = act.indices.setdefault(items[0].id, Index())
            found = self._value(inner, act)
            index.counts_results |= self._joins.are_results(found)
            self._bind(items[1], inner, found, act)
        elif zipped is not None and len(items) == len(zipped.arguments):
            for item, argument in zip(items, zipped.arguments, strict=True):
                self._assign(item, self._value(argument.value, act), act)
        elif ranged is not None and isinstance(target, Name):
            act.indices.setdefault(target.id, Index())
        else:
            self._assign(target, words, act)

    # Expressions.

    def _value(self, expr: Expr, act: Activation) -> set[Words]:
        """Return by which words `expr` may have been taken of results; none where it was not."""
        match expr:
            case Name(id=name):
                self.reading.checked |= name[:1].isupper() and name in self._glossary.api.failures
                return act.of(name)
            case Attribute(value=value, attr=attr):
                held = act.of(dotted(expr) or "")
                return held | self._taken(self._value(value, act), attr)
            case Subscript(value=value, index=index):
                return self._item(expr, value, index, act)
            case Call():
                return self._call(expr, act)
            case Comprehension(elements=elements, clauses=clauses):
                self._clauses(clauses, act)
                return self._all(elements, act)
            case Choice(options=options, tests=tests):
                for test in tests:
                    self._test(test, act)
                return self._all(options, act)
            case Composite(operator="in" | "not in", parts=(Constant(value=str(word)), right)):
                self._taken(self._value(right, act), word, is_test=True)
                return set()
            case Walrus(target=target, value=value):
                found = self._value(value, act)
                self._assign(target, found, act)
                return found
            case _:
                found = self._all(children(expr), act)
                act.returned |= found if isinstance(expr, Yield) else set()
                return found

    def _clauses(self, clauses: Iterable[Clause], act: Activation) -> None:
        for clause in clauses:
            self._bind(clause.target, clause.iterable, self._value(clause.iterable, act), act)
            for condition in clause.conditions:
                self._test(condition, act)

    def _all(self, parts: Iterable[Expr], act: Activation) -> set[Words]:
        return {words for part in parts for words in self._value(part, act)}

    def _item(self, expr: Subscript, value: Expr, index: Expr, act: Activation) -> set[Words]:
        held = self._value(value, act)
        if isinstance(index, Constant) and isinstance(index.value, str):
            self.reading.keyed |= index.value == self._glossary.api.key
            return self._taken(held, index.value)
        if not isinstance(index, Slice):
            self._value(index, act)
            self._joins.indexed(expr, held, act, self._at)
        return held

    def _test(self, expr: Expr, act: Activation) -> None:
        """A test of what leads to the answer looks whether there is one."""
        if any(map(self._glossary.is_tested, self._value(expr, act))):
            self.reading.checked = True

    def _taken(self, held: set[Words], word: str, *, is_test: bool = False) -> set[Words]:
        found = {self._glossary.taken(words, word) for words in held}
        self.reading.keyed |= word == self._glossary.api.key
        for words in found:
            if self._glossary.is_failure(words) or (is_test and self._glossary.is_tested(words)):
                self.reading.checked = True
            elif self._glossary.beyond(words) == 0 and self._at is not None and not is_test:
                span, guarded = self._at
                # What stands apart raises no error here.
                self.reading.checked |= guarded and not self._glossary.api.apart
                self.reading.answers.setdefault(Spot(self._stack[-1].function, span))
        return found

    # Calls.

    def _call(self, call: Call, act: Activation) -> set[Words]:
        function = call.function
        receiver = self._value(function.value, act) if isinstance(function, Attribute) else set()
        given = self._all((argument.value for argument in call.arguments), act)
        surface = self._asked.get((act.function.id, call.span.end))
        if surface == "batch-results":
            return {()}
        if surface in JOBS:
            return {(JOB,)}
        word, owner = _word_of(call)
        if word:
            return self._taken(receiver if owner is None else self._value(owner, act), word)
        values = self._evidence.resolver.everywhere(self._evidence.resolver.callee(call, act.function))
        own = [value for value in values if isinstance(value, Function | Method)]
        if own:
            return {words for value in own for words in self._own(call, act, value)}
        paths = [value.path for value in values if isinstance(value, External)]
        return self._foreign(call, act, receiver, given, paths, is_known=bool(values))

    def _own(self, call: Call, act: Activation, value: Function | Method) -> set[Words]:
        """Run a function of the user's own in thought."""
        callee = self._evidence.resolver.function(value.id)
        is_method = isinstance(value, Method)
        given = passed(call, act.function.id, skip=int(is_method))
        words: dict[str, set[Words]] = {}
        for parameter in callee.outline.parameters:
            found = self._all((expr for _, expr in argument_for(callee.outline, given, parameter.name)), act)
            if found:
                words[parameter.name] = found
        owner = key_of(call.function.value) if is_method and isinstance(call.function, Attribute) else None
        for key, held in act.words.items() if owner is not None and callee.first is not None else ():
            if key.startswith(f"{owner}."):
                words[f"{callee.first}{key[len(owner or '') :]}"] = held
        nested = any(callee.parent is each.function for each in self._stack)
        if not words and callee.id not in self._leading and not nested:
            return set()
        run = self._run(callee, words, guarded=self._at is not None and self._at[1])
        if run is None:
            return set()
        for key, held in list(run.words.items()) if owner is not None and callee.first is not None else ():
            if key.startswith(f"{callee.first}."):
                act.add(f"{owner}{key[len(callee.first or '') :]}", held)
        return set(run.returned)

    def _foreign(
        self, call: Call, act: Activation, receiver: set[Words], given: set[Words], paths: list[str], *, is_known: bool
    ) -> set[Words]:
        """Return what a call of anything else gives: something of what it is given, as far as anybody knows."""
        function = call.function
        handed = receiver | given
        name = function.attr if isinstance(function, Attribute) else function.id if isinstance(function, Name) else ""
        handed |= self._mapped(call, act, handed)
        if handed and name in _SORTS:
            self.reading.keyed = True
        self._joins.called(call, act, paths)
        opened = result_files.opened(call, act, name, paths)
        if isinstance(function, Attribute):
            key = key_of(function.value)
            if name in FILLING and key is not None:
                if given:
                    act.add(key, given)
                return set()
            if result_files.writes(call, name):
                result_files.written(call, act, handed if name.endswith("file") else given)
                return set()
            if receiver:
                return self._taken(receiver, name) | given
        plain = isinstance(function, Attribute) and isinstance(function.value, Constant | Composite)
        if not is_known and not plain and any(map(self._glossary.is_whole, given)):
            self.reading.lost = True
        return handed | opened

    def _mapped(self, call: Call, act: Activation, handed: set[Words]) -> set[Words]:
        """Return what functions among the arguments give, run on whatever else the call is given."""
        found: set[Words] = set()
        for argument in call.arguments:
            if isinstance(argument.value, Lambda):
                inner = Activation(act.function, dict.fromkeys(argument.value.parameters, handed), act)
                found |= self._value(argument.value.body, inner)
            elif isinstance(argument.value, Name | Attribute) and handed:
                for value in self._evidence.resolver.evaluate(argument.value, act.function):
                    callee = self._evidence.resolver.function(value.id) if isinstance(value, Function | Method) else None
                    names = [] if callee is None else [each.name for each in callee.outline.parameters][int(isinstance(value, Method)) :]
                    if callee is not None and names:
                        run = self._run(callee, {names[0]: handed}, guarded=self._at is not None and self._at[1])
                        found |= set() if run is None else run.returned
        return found


def _word_of(call: Call) -> tuple[str, Expr | None]:
    """Return the constant word by which a call takes a part of something, and of what where it is no method."""
    match call:
        case Call(function=Attribute(attr="get" | "pop"), arguments=(first, *_)) if isinstance(first.value, Constant):
            return str(first.value.value), None
        case Call(function=Name(id="getattr"), arguments=(first, second, *_)) if isinstance(second.value, Constant):
            return str(second.value.value), first.value
        case _:
            return "", None
