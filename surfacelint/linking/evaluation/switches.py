"""Switches: constants, parameters and attributes whose values decide which branches run. Turns tests into conditions on parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surfacelint.facts.expressions import (
    MIRRORED,
    Attribute,
    Call,
    Choice,
    Collection,
    Composite,
    Constant,
    Expr,
    Lambda,
    Mapping,
    Name,
    Starred,
    Subscript,
)
from surfacelint.linking.evaluation.abstract_values import Class, External, Function, Method, Parameter, Text, Values, extended
from surfacelint.linking.evaluation.call_arguments import PassedArguments, passed
from surfacelint.linking.evaluation.conditions import (
    ALWAYS,
    NEVER,
    OPPOSITES,
    Condition,
    Test,
    both,
    either,
    satisfies,
    single,
)
from surfacelint.linking.evaluation.constants import constant, definition
from surfacelint.linking.evaluation.function_runs import Run
from surfacelint.linking.evaluation.library_paths import URL_KEYWORDS
from surfacelint.linking.evaluation.option_defaults import option_default
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.linking.evaluation.traced_objects import DEEPEST, Held, Made, TracedObjects
from surfacelint.system.records import record

_NO_VALUE = Constant(None)


@record(frozen=True, slots=True)
class _Wanted:
    """What a value must be: the operator and the other side of a `Test`; `absent` is the value of a missing entry."""

    operator: str
    value: Constant = _NO_VALUE
    absent: Constant | None = None

    @property
    def is_truth(self) -> bool:
        """Whether only the truth of the value matters."""
        return self.operator in ("true", "false")


class Switches:
    """Conditions in one program. What is unknown holds, so a condition that fails has no value with which it could hold."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.objects = TracedObjects(resolver)
        self._nonlocal: dict[str, frozenset[str]] = {}
        self._relations: dict[tuple[Expr, str, _Wanted], Condition] = {}

    def truth(self, test: Expr, scope: FunctionNode, *, holds: bool, depth: int = 0) -> Condition:
        """Return the condition on parameters of `scope`, and of functions around it, under which a test holds, or fails."""
        match test:
            case Composite(operator="not", parts=(part,)):
                return self.truth(part, scope, holds=not holds, depth=depth + 1)
            case Composite(operator="in" | "not in" as operator, parts=(left, Collection(items=items))):
                operator = "==" if (operator == "in") == holds else "!="
                return self._any_or_all([self._compared(left, operator, item, scope, depth) for item in items], is_any=operator == "==")
            case Composite(operator=operator, parts=(left, right)) if operator in OPPOSITES:
                return self._compared(left, operator if holds else OPPOSITES[operator], right, scope, depth)
            case _:
                return self.relation(test, scope, _Wanted("true" if holds else "false"), depth)

    def compared(self, expr: Expr, operator: str, number: int, scope: FunctionNode) -> Condition:
        """Return the condition under which a number compares with another one."""
        return self.relation(expr, scope, _Wanted(operator, Constant(number)))

    def named(self, expr: Expr, names: Sequence[str], scope: FunctionNode) -> Condition:
        """Return the condition under which a value is one of several texts."""
        return self._any_or_all([self.relation(expr, scope, _Wanted("named", Constant(name))) for name in names], is_any=True)

    def client(self, function: Expr, value: External, scope: FunctionNode) -> Condition:
        """Return the condition under which `function`, a method of a client, is the one with a certain path and host."""
        owner = function
        while isinstance(owner, Attribute) and len(self._externals(owner.value, scope)) > 1:
            owner = owner.value
        fitting = [each for each in self._externals(owner, scope) if each.host == value.host and value.path.startswith(each.path)]
        return self._any_or_all([self.relation(owner, scope, _Wanted("client", _key(each))) for each in fitting], is_any=True)

    def _externals(self, expr: Expr, scope: FunctionNode) -> list[External]:
        return [value for value in self._resolver.evaluate(expr, scope) if isinstance(value, External)]

    def after(self, condition: Condition, run: Run) -> Condition:
        """Return a condition on the parameters of a callee as a condition on those of its caller, for one run of the callee."""
        found = ALWAYS
        for clause in condition:
            outcome = NEVER
            for test in clause:
                outcome = either(outcome, self._passed(test, run))
            found = both(found, outcome)
        return found

    def _passed(self, test: Test, run: Run) -> Condition:
        """Return the condition under which what a run passes for a parameter passes a test."""
        if test.subject.id != run.callee.id:
            # A parameter of a function around the callee.
            is_kept = any(here.id == test.subject.id for here in run.caller.scopes())
            return single(test) if is_kept else ALWAYS
        found = self.objects.passed(run, test.subject)
        if found is None:
            return ALWAYS
        absent = test.absent if found.absent is None else found.absent
        return self.relation(found.expr, found.scope, _Wanted(test.operator, test.value, absent))

    # What a value must be.

    def relation(self, expr: Expr, scope: FunctionNode, wanted: _Wanted, depth: int = 0) -> Condition:
        """Return the condition under which the value of `expr` is as wanted."""
        if depth:
            return self._new_relation(expr, scope, wanted, depth)
        key = (expr, scope.id, wanted)
        known = self._relations.get(key)
        if known is None:
            known = self._relations[key] = self._new_relation(expr, scope, wanted, depth)
        return known

    def _new_relation(self, expr: Expr, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        found = self._relation(expr, scope, wanted, depth) if depth <= DEEPEST else ALWAYS
        return self._evaluated(expr, scope, wanted) if found == ALWAYS and wanted.operator in ("named", "unnamed", "client") else found

    def _evaluated(self, expr: Expr, scope: FunctionNode, wanted: _Wanted) -> Condition:
        """Return whether a name or client may be as wanted by the values that are known. These may be defaults of options."""
        if isinstance(expr, Choice):
            return ALWAYS
        values = self._resolver.evaluate(expr, scope)
        if wanted.operator == "unnamed":
            options = [each for value in values if isinstance(value, External) for each in self._option_default(value)]
            texts = [value.value for value in (*values, *options) if isinstance(value, Text)]
            return NEVER if texts and all(text == wanted.value.value for text in texts) else ALWAYS
        if wanted.operator == "named":
            known = [Constant(value.value) for value in values if isinstance(value, Text)]
        else:
            known = [_key(value) for value in values if isinstance(value, External)]
        return NEVER if known and wanted.value not in known else ALWAYS

    def _option_default(self, value: External) -> Values:
        return option_default(self._resolver.program, self._resolver, value)

    def _relation(self, expr: Expr, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        match expr:
            case Constant():
                return ALWAYS if satisfies(expr, wanted.operator, wanted.value) else NEVER
            case Choice():
                return self._choice(expr, scope, wanted, depth)
            case Composite(operator=operator) if operator in OPPOSITES or operator in ("not", "in", "not in"):
                return self.truth(expr, scope, holds=wanted.operator == "true", depth=depth + 1) if wanted.is_truth else ALWAYS
            case Name():
                return self._name(expr, scope, wanted, depth)
            case Attribute(value=value, attr=attr):
                return self._attribute(value, attr, scope, wanted, depth)
            case Subscript(value=value, index=Constant(value=str() | int() as key)):
                return self._entry(value, key, scope, wanted, depth)
            case Call(function=Attribute(value=value, attr="get" | "pop"), arguments=arguments) if arguments:
                return self._looked_up(expr, value, scope, wanted, depth)
            case Call() if wanted.operator == "client":
                return self._client(expr, scope, wanted, depth)
            case Lambda() | Collection() | Mapping() | Call():
                return self._made(expr, scope, wanted)
            case _:
                return ALWAYS

    def _compared(self, left: Expr, operator: str, right: Expr, scope: FunctionNode, depth: int) -> Condition:
        """Return the condition of a comparison, if one side of it is constant."""
        value = self._constant(right, scope)
        if value is not None:
            return self.relation(left, scope, _Wanted(operator, value), depth + 1)
        value = self._constant(left, scope)
        return ALWAYS if value is None else self.relation(right, scope, _Wanted(MIRRORED.get(operator, operator), value), depth + 1)

    def _constant(self, expr: Expr, scope: FunctionNode) -> Constant | None:
        """Return the constant that an expression always is; a member of an enumeration is named by its class."""
        if isinstance(expr, Constant):
            return expr
        if isinstance(expr, Name) and self._is_rebound(expr.id, scope):
            return None
        if isinstance(expr, Attribute):
            return self._enum_member(expr.value, expr.attr, scope)
        known = constant(self._resolver, expr, scope) if isinstance(expr, Name | Composite) else None
        return None if known is None else Constant(known)

    def _enum_member(self, value: Expr, attr: str, scope: FunctionNode) -> Constant | None:
        classes = self._resolver.classes
        for owner in self._resolver.evaluate(value, scope):
            if isinstance(owner, Class) and attr in classes.node(owner.id).members:
                bases = classes.bases(owner.id)
                if any(isinstance(base, External) and base.path.startswith("enum.") for base in bases):
                    return Constant(f"{owner.id}.{attr}")
        return None

    def _choice(self, expr: Choice, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        """Return the condition for `a or b`, `a and b` and `a if c else b`: which operand is the value, and what that must be."""
        if expr.operator:
            *before, last = expr.options
            found, passed_on = NEVER, ALWAYS
            for option in before:
                stops = self.truth(option, scope, holds=expr.operator == "or", depth=depth + 1)
                if satisfies(Constant(expr.operator == "or"), wanted.operator, wanted.value) or not wanted.is_truth:
                    found = either(found, both(passed_on, both(stops, self.relation(option, scope, wanted, depth + 1))))
                passed_on = both(passed_on, self.truth(option, scope, holds=expr.operator != "or", depth=depth + 1))
            return either(found, both(passed_on, self.relation(last, scope, wanted, depth + 1)))
        if len(expr.options) != 2 or len(expr.tests) != 1:
            return ALWAYS
        cases = [
            both(self.truth(expr.tests[0], scope, holds=holds, depth=depth + 1), self.relation(option, scope, wanted, depth + 1))
            for option, holds in zip(expr.options, (True, False), strict=True)
        ]
        return either(*cases)

    def _name(self, expr: Name, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        here = scope.scope_of(expr.id)
        if self._is_rebound(expr.id, scope):
            return ALWAYS
        parameter = None if here is None else here.names[expr.id][0].parameter
        if here is not None and parameter is not None:
            return ALWAYS if parameter.kind in ("*", "**") else self._test(Parameter(here.id, expr.id), wanted)
        defined = definition(self._resolver, expr, scope)
        if defined is None or (here is not None and expr.id in here.writes):
            return ALWAYS
        return self.relation(defined[0], defined[1], wanted, depth + 1)

    def _is_rebound(self, name: str, scope: FunctionNode) -> bool:
        """Whether a name of the module has several bindings."""
        here = scope.scope_of(name)
        if here is None:
            return False
        if len(here.names[name]) != 1:
            return True
        return here.parent is not None and name in self._nonlocal_names(here)

    def _nonlocal_names(self, function: FunctionNode) -> frozenset[str]:
        """Return the names that functions of the module declare `global` or `nonlocal`."""
        module = function.module
        if module.name not in self._nonlocal:
            self._nonlocal[module.name] = frozenset(name for each in module.functions.values() for name in each.outline.global_names)
        return self._nonlocal[module.name]

    def _attribute(self, value: Expr, attr: str, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        member = self._enum_member(value, attr, scope)
        if member is not None:
            return ALWAYS if satisfies(member, wanted.operator, wanted.value) else NEVER
        origin = self.objects.origin(value, scope, depth)
        held: Held | None = None
        read = self.objects.property_of(origin, attr, scope if value == Name(scope.first or "") else None)
        if read is not None:
            found = self.relation(read.outline.returns[0], read, wanted, depth + 1)
            return self.after(found, Run(read, PassedArguments(()), scope, value))
        if isinstance(origin, Made):
            held = self.objects.held(origin, attr)
        elif isinstance(origin, Parameter):
            if scope.owner is not None and value == Name(scope.first or ""):
                held = self.objects.own_constant(scope.owner, attr)
            if held is None:
                return both(self._on_path(origin, f".{attr}", wanted), self._by_siblings(value, attr, scope, wanted, depth))
        else:
            defined = definition(self._resolver, Attribute(value, attr), scope)
            return ALWAYS if defined is None else self.relation(defined[0], defined[1], wanted, depth + 1)
        if held is None:
            return ALWAYS
        found = self.relation(held.expr, held.scope, wanted, depth + 1)
        for run in held.runs:
            found = self.after(found, run)
        return found

    def _by_siblings(self, value: Expr, attr: str, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        """Return what a condition on a client of the receiver says about other attributes: those that hold arguments of the constructor.

        With `self.client = AsyncOpenAI() if concurrent else OpenAI()`, the client depends on `self.concurrent`.
        """
        owner = scope.owner
        if owner is None or wanted.operator != "client" or value != Name(scope.first or ""):
            return ALWAYS
        held = self.objects.own_binding(owner, attr)
        if held is None:
            return ALWAYS
        holders = {each.expr: name for name in owner.attributes if (each := self.objects.own_binding(owner, name)) is not None}
        found = ALWAYS
        for clause in self.relation(held.expr, held.scope, wanted, depth + 1):
            tests = [
                replace(test, subject=Parameter(scope.id, scope.first or "", f".{holders[Name(test.subject.name)]}{test.subject.path}"))
                for test in clause
                if test.subject.id == held.scope.id and Name(test.subject.name) in holders
            ]
            if len(tests) == len(clause):
                found = both(found, frozenset({frozenset(tests)}))
        return found

    def _entry(self, value: Expr, key: str | int, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        """Return the condition for an entry of a dict, or an item of a list."""
        here, where = value, scope
        if isinstance(value, Name) and not self._is_rebound(value.id, scope):
            owner = scope.scope_of(value.id)
            if owner is not None and value.id in owner.writes:
                return ALWAYS
            here, where = definition(self._resolver, value, scope) or (value, scope)
        match here:
            case Mapping(keys=keys, values=values):
                for name, item in reversed(list(zip(keys, values, strict=True))):
                    if name == Constant(key):
                        return self.relation(item, where, wanted, depth + 1)
                    if not isinstance(name, Constant):
                        return ALWAYS
                return self._missing(wanted)
            case Call(function=Name("dict"), arguments=arguments) if all(argument.name for argument in arguments):
                named = next((argument.value for argument in arguments if argument.name == key), None)
                return self._missing(wanted) if named is None else self.relation(named, where, wanted, depth + 1)
            case Collection(items=items) if isinstance(key, int) and -len(items) <= key < len(items):
                return ALWAYS if any(isinstance(item, Starred) for item in items) else self.relation(items[key], where, wanted, depth + 1)
            case _:
                origin = self.objects.origin(value, scope, depth)
                is_path = isinstance(origin, Parameter) and isinstance(key, str) and key.isidentifier()
                return self._on_path(origin, f"['{key}']", wanted) if is_path and isinstance(origin, Parameter) else ALWAYS

    def _looked_up(self, call: Call, value: Expr, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        """Return the condition for `options.get("key", default)`."""
        key = call.arguments[0].value
        default = call.arguments[1].value if len(call.arguments) > 1 else _NO_VALUE
        if not isinstance(key, Constant) or not isinstance(key.value, str) or not isinstance(default, Constant):
            return ALWAYS
        return self._entry(value, key.value, scope, replace(wanted, absent=default), depth)

    def _client(self, call: Call, scope: FunctionNode, wanted: _Wanted, depth: int) -> Condition:
        """Return the condition under which a call makes a certain client: by its `base_url`, which may be that of an own server or not."""
        callees = self._resolver.callee(call, scope)
        function = self._resolver.function(callees[0].id) if len(callees) == 1 and isinstance(callees[0], Function | Method) else None
        if function is not None and len(function.outline.returns) == 1:
            run = self.objects.run(call, function, passed(call, scope.id, skip=int(isinstance(callees[0], Method))), scope)
            return self.after(self.relation(function.outline.returns[0], function, wanted, depth + 1), run)
        clients = self._externals(call, scope)
        if len({client.host for client in clients}) < 2:
            return ALWAYS
        client = next((client for client in clients if _key(client) == wanted.value), None)
        url = next((argument.value for argument in call.arguments if argument.name in URL_KEYWORDS), None)
        if client is None or url is None:
            return ALWAYS
        operator = "named" if client.host == "local" else "unnamed"
        own = self._resolver.clients.local_urls(url, scope)
        tests = [self.relation(url, scope, _Wanted(operator, Constant(each)), depth + 1) for each in own]
        return self._any_or_all(tests, is_any=operator == "named")

    def _made(self, expr: Expr, scope: FunctionNode, wanted: _Wanted) -> Condition:
        """Return the condition for a new object: it is not `None`."""
        is_object = not isinstance(expr, Call) or any(isinstance(value, Class) for value in self._resolver.callee(expr, scope))
        return NEVER if is_object and wanted.operator in ("is", "==") and wanted.value == _NO_VALUE else ALWAYS

    def _missing(self, wanted: _Wanted) -> Condition:
        if wanted.absent is None or satisfies(wanted.absent, wanted.operator, wanted.value):
            return ALWAYS
        return NEVER

    def _on_path(self, owner: Parameter, step: str, wanted: _Wanted) -> Condition:
        found = extended(owner, step)
        return self._test(found[0], wanted) if found and isinstance(found[0], Parameter) else ALWAYS

    def _test(self, subject: Parameter, wanted: _Wanted) -> Condition:
        return single(Test(subject, wanted.operator, wanted.value, wanted.absent))

    def _any_or_all(self, parts: list[Condition], *, is_any: bool) -> Condition:
        found = NEVER if is_any else ALWAYS
        for part in parts:
            found = either(found, part) if is_any else both(found, part)
        return found


def _key(value: External) -> Constant:
    """Return a constant that stands for a library value."""
    return Constant(f"{value.path} {value.host}")
