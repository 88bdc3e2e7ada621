"""What an expression in a scope evaluates to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, cast

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.value_rows import Decorated
from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Choice,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Element,
    Enter,
    Expr,
    Lambda,
    Mapping,
    Name,
    Position,
    Starred,
    Subscript,
    Walrus,
    walk,
)
from surfacelint.facts.module_outlines import lambda_name
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    External,
    Filled,
    Function,
    Instance,
    Items,
    Member,
    Method,
    Module,
    Parameter,
    Partial,
    Super,
    Task,
    Text,
    Value,
    Values,
    segments,
    taken,
    union,
)
from surfacelint.linking.evaluation.call_arguments import Passed, passed, shares_for
from surfacelint.linking.evaluation.classes import Classes
from surfacelint.linking.evaluation.container_writes import collect_fillings
from surfacelint.linking.evaluation.containers import Containers
from surfacelint.linking.evaluation.library_values import Externals
from surfacelint.linking.evaluation.name_lookup import Names
from surfacelint.linking.evaluation.parameter_substitution import Substitution
from surfacelint.linking.evaluation.question_memo import CALLERS, RELEVANT, SUBCLASSES, Memo, differing
from surfacelint.linking.evaluation.strings import METHODS, Texts
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode, ModuleSource, build_module, identifier

Callers: TypeAlias = dict[str, list[tuple[FunctionNode, Passed]]]
"""Who calls a function or makes a class, by its identifier, and with what."""


class Resolver:
    """Evaluates expressions over all modules of a program. Demand-driven and memoised; a cycle adds nothing to itself."""

    def __init__(self, source: ModuleSource, catalogue: Catalogue) -> None:
        self.source = source
        self.catalogue = catalogue
        self.modules: dict[str, ModuleNode | None] = {}
        self.names = Names(self)
        self.containers = Containers(self)
        self.classes = Classes(self)
        self.externals = Externals(self, catalogue)
        self.substitution = Substitution(self)
        self.texts = Texts(self)
        self.relevant: frozenset[str] = frozenset()
        self.callers: Callers = {}
        self.memo = Memo()

    def learn(self, relevant: frozenset[str], callers: Callers) -> tuple[bool, list[Any]]:
        """Take over which modules count and who calls whom; forget what was concluded otherwise, also of classes that turned up.

        Return whether anybody is called in another way, and what was noted of that which is forgotten.
        """
        changed = differing(self.callers, callers)
        facts = [(CALLERS, id_) for id_ in changed]
        facts += [(RELEVANT, name) for name in sorted(relevant - self.relevant)]
        facts += [(SUBCLASSES, id_) for id_ in self.classes.renew()]
        self.relevant, self.callers = relevant, callers
        return bool(changed), self.memo.forget(facts)

    # Modules and nodes.

    def module(self, name: str) -> ModuleNode | None:
        """Return a module's scopes, `None` where it has no source."""
        if name not in self.modules:
            outline = self.source.outline(name)
            node = None if outline is None else build_module(name, outline)
            self.modules[name] = node
            if node is not None:
                collect_fillings(node)
        return self.modules[name]

    def function(self, id_: str) -> FunctionNode:
        """Return the node of a function that a value names."""
        module, _, qualname = id_.rpartition(":")
        return cast(ModuleNode, self.module(module)).functions[qualname]

    def functions(self) -> Iterator[FunctionNode]:
        """Return the functions of all modules that are loaded, module bodies among them."""
        for module in list(self.modules.values()):
            yield from module.functions.values() if module is not None else ()

    def is_open(self, module: ModuleNode) -> bool:
        """Whether a module leads to a provider. Of others only that counts which they hand through."""
        if module.name in self.relevant:
            return True
        self.memo.consult((RELEVANT, module.name))  # what counts only ever grows
        return False

    def evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return what `expr` may be in `scope`."""
        if isinstance(expr, Name):
            return self.names.name(expr.id, scope)
        if isinstance(expr, Constant):
            return (Text(expr.value),) if isinstance(expr.value, str) else NONE
        key = (scope.id, id(expr))
        known = self.memo.firm.get(key)
        return self.memo.answer(key, lambda: self._evaluate(expr, scope), expr) if known is None else known

    def _evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        match expr:
            case Attribute(value=value, attr=attr):
                return union([self.attribute(owner, attr) for owner in self.evaluate(value, scope)])
            case Call():
                return self._call(expr, scope)
            case Await(value=value) | Starred(value=value) | Walrus(value=value):
                return self.evaluate(value, scope)
            case Element(value=value):
                return self._taken_out([self.containers.element(item) for item in self.evaluate(value, scope)], scope)
            case Enter(value=value):
                return union([self.containers.enter(item) for item in self.evaluate(value, scope)])
            case Subscript(value=value, index=index):
                return self._taken_out([self.containers.item(item, index) for item in self.evaluate(value, scope)], scope)
            case Choice(options=options):
                return union([self.evaluate(option, scope) for option in options])
            case Lambda(span=span):
                return (Function(identifier(scope.module.name, lambda_name(span))),)
            case _:
                return self._display(expr, scope)

    def _taken_out(self, parts: Iterable[Values], scope: FunctionNode) -> Values:
        """Return what is taken out of containers: what a function that filled one got for its parameters is what its callers passed."""
        values = union(parts)
        if not any(isinstance(value, Parameter) for value in values):
            return values
        own = {here.id for here in scope.scopes()}
        return union([(value,) if isinstance(value, Parameter) and value.id in own else self.everywhere((value,)) for value in values])

    def _display(self, expr: Expr, scope: FunctionNode) -> Values:
        match expr:
            case Collection(items=items):
                return (Items(tuple(self.evaluate(item, scope) for item in items)),)
            case Mapping(keys=keys, values=values):
                named = tuple(key.value if isinstance(key, Constant) and isinstance(key.value, str) else None for key in keys)
                return (Items(tuple(self.evaluate(value, scope) for value in values), named),)
            case Comprehension(kind=kind, elements=elements):
                item = self.evaluate(elements[-1], scope)
                return (Items((item,), (None,) if kind == "dict" else ()),) if item else NONE
            case Composite(operator="format", parts=parts):
                return self.texts.joined(parts, scope)
            case Composite(operator="%", parts=parts):
                return self.texts.filled_in(parts, scope)
            case Composite(operator="+", parts=parts):
                return self.texts.joined(parts, scope) or union([self.evaluate(part, scope) for part in parts])
            case Composite(operator="|", parts=parts):
                return union([self.evaluate(part, scope) for part in parts])
            case _:
                return NONE

    # Returns.

    def returned(self, function: FunctionNode) -> Values:
        """Return what calling a function gives, in terms of its own parameters."""
        return self.memo.answer(("returns", function.id), lambda: self._returned(function))

    def _returned(self, function: FunctionNode) -> Values:
        outline = function.outline
        returns = [value for value in outline.returns if self.is_open(function.module) or not _calls(value)]
        values = union([self.evaluate(value, function) for value in returns])
        if not values and outline.return_annotation is not None:
            values = self.names.annotated(outline.return_annotation, function.parent or function)
        return values

    # Calls.

    def _call(self, call: Call, scope: FunctionNode) -> Values:
        callees = self.callee(call, scope)
        found = [self.call(value, passed(call, scope.id), scope, call) for value in callees]
        return self._taken_out(found, scope) if any(isinstance(value, Member) for value in callees) else union(found)

    def callee(self, call: Call, scope: FunctionNode) -> Values:
        """Return what a call calls, where it stands: a name that its scope binds several times is what it was bound to last."""
        key = ("callee", scope.id, id(call))
        known = self.memo.firm.get(key)
        if known is not None:
            return known
        return self.memo.answer(key, lambda: self._at(call.function, scope, scope.statement_of(call.span)), call)

    def _at(self, expr: Expr, scope: FunctionNode, place: Position) -> Values:
        match expr:
            case Name(id=name) if len(scope.names.get(name, ())) > 1:
                nearest = scope.last_bound(name, place)
                # One in a deeper block may not have run: then any may be meant.
                if nearest is not None and nearest.start is not None and nearest.start.column <= place.column:
                    return self.names.bound(nearest, scope) or self.evaluate(expr, scope)
                return self.evaluate(expr, scope)
            case Attribute(value=value, attr=attr):
                return union([self.attribute(owner, attr) for owner in self._at(value, scope, place)])
            case _:
                return self.evaluate(expr, scope)

    def call(self, value: Value, given: Passed, scope: FunctionNode, call: Call | None) -> Values:
        """Return what calling `value` with `given` arguments gives."""
        match value:
            case Function(id=id_, bound=bound):
                return self.substitution.made(self.function(id_), given, bound)
            case Method(id=id_, receiver=receiver):
                skipped = Passed(given.arguments, given.skip + 1)
                found = self.substitution.made(self.function(id_), skipped)
                # `return self` gives what the method was called on.
                return tuple([receiver if isinstance(part, Instance) and part.via == id_ else part for part in found])
            case Class(id=id_):
                return (Instance(id_, exact=True),)
            case External():
                return self.externals.call(value, given, scope)
            case Parameter():
                return taken(value, "()")
            case Partial(function=function, arguments=arguments, scope=where):
                both = Passed((*((where, argument) for argument in arguments), *given.arguments), given.skip)
                return self.call(function, both, scope, call)
            case Instance():
                return union([self.call(method, given, scope, call) for method in self.classes.attribute(value, "__call__")])
            case Member(container=Text(value=text), name=name):
                return self.texts.call(text, name)
            case Member(container=Items() | Filled() as container, name=name):
                return self.containers.call(container, name, given)
            case Super(id=id_):
                return (value,)
            case _:
                return NONE

    def follow(self, values: Values, path: str) -> Values:
        """Take `path` of `values`: attributes, calls and items in turn."""
        for segment in segments(path):
            values = union([self._step(value, segment) for value in values])
        return values

    def _step(self, value: Value, segment: str) -> Values:
        if segment == "[]":
            return self.containers.element(value)
        if segment.startswith("["):
            key = segment[1:-1]
            return self.containers.item(value, Constant(key[1:-1] if key.startswith("'") else int(key)))
        if segment == "()":
            return self.plain_call(value)
        return self.attribute(value, segment[1:])

    def paths(self, expr: Expr, scope: FunctionNode) -> list[str]:
        """Return the paths of what `expr` may be of installed packages."""
        return [value.path for value in self.evaluate(expr, scope) if isinstance(value, External)]

    def bare_paths(self, expr: Expr, scope: FunctionNode) -> list[str]:
        """Return the paths of what an expression names, whether it is called there or not: a decorator, a default."""
        return self.paths(expr.function if isinstance(expr, Call) else expr, scope)

    def called_paths(self, call: Call, scope: FunctionNode) -> list[str]:
        """Return the paths of what a call may run of installed packages; `?.name` for a method of something that is not known."""
        known = [value.path for value in self.callee(call, scope) if isinstance(value, External)]
        return known or ([f"?.{call.function.attr}"] if isinstance(call.function, Attribute) else [])

    def everywhere(self, values: Values) -> Values:
        """Replace parameters by what all known callers pass: for values that outlive the call, such as attributes of an instance."""
        if not any(isinstance(value, Parameter) for value in values):
            return values
        return union([self._from_callers(value) if isinstance(value, Parameter) else (value,) for value in values])

    def may_lack(self, parameter: Parameter) -> bool:
        """Whether some known callers pass a parameter that has a default, and others do not."""
        self.memo.consult((CALLERS, parameter.id))
        outline = self.function(parameter.id).outline
        passing = [bool(shares_for(outline, given, parameter.name)) for _, given in self.callers.get(parameter.id, ())]
        return any(passing) and not all(passing)

    def everything_named(self, values: Values) -> Values:
        """Return all that callers pass by name, where `values` are the dicts of a function that passes all of it on."""
        found = []
        for value in values:
            if isinstance(value, Parameter) and not value.path:
                self.memo.consult((CALLERS, value.id))
                outline = self.function(value.id).outline
                shares = [share for _, given in self.callers.get(value.id, ()) for share in shares_for(outline, given, value.name)]
                found += [self.evaluate(share.expr, self.function(share.scope)) for share in shares]
        return self.everywhere(union(found))

    def _from_callers(self, value: Parameter) -> Values:
        return self.memo.answer(("callers", value), lambda: self._passed(value))

    def _passed(self, value: Parameter) -> Values:
        """Return what all known callers pass, step by step, so that what several paths begin with is looked for once."""
        self.memo.consult((CALLERS, value.id))
        *before, last = segments(value.path) or [""]
        if before:
            owners = self._from_callers(Parameter(value.id, value.name, "".join(before)))
        else:
            everybody = [given for _, given in self.callers.get(value.id, ())] or [Passed(())]
            if not last or last.startswith("['"):
                found = self.everywhere(union([self.substitution.given(value, given) for given in everybody]))
                # Where nothing is known of what callers pass, the default says what is meant.
                return found or self.everywhere(self.substitution.given(value, Passed(())))
            owners = self._from_callers(Parameter(value.id, value.name))
        return self.everywhere(union([self._step(owner, last) for owner in owners]))

    # Attributes, items, contexts.

    def attribute(self, value: Value, attr: str) -> Values:
        """Return an attribute of a value."""
        match value:
            case Module(name=name):
                return self.memo.answer((name, ".", attr), lambda: self.names.member(name, attr))
            case Instance() | Class() | Super():
                return self.classes.attribute(value, attr)
            case External():
                return self.externals.attribute(value, attr)
            case Parameter():
                return taken(value, f".{attr}")
            case Function(id=id_):
                return self._task(id_, attr)
            case Method(id=id_):
                return self._task(id_, attr)
            case Items() | Filled():
                return self.containers.attribute(value, attr)
            case Text():
                return (Member(value, attr),) if attr in METHODS else NONE
            case _:
                return NONE

    def _task(self, id_: str, attr: str) -> Values:
        return next(((Task(id_, f"{made.of}.{attr}"),) for _, made in self._decorations(self.function(id_))), NONE)

    def bound_by_decorator(self, function: FunctionNode) -> Values:
        """Return what the first parameter of a function is that a library decorated and binds to what it made of it."""
        for decorator, made in self._decorations(function):
            given = decorator.arguments if isinstance(decorator, Call) else ()
            if any(argument.name == made.bind and argument.value == Constant(True) for argument in given):
                return (External(made.of),)
        return NONE

    def _decorations(self, function: FunctionNode) -> Iterator[tuple[Expr, Decorated]]:
        for decorator in function.outline.decorators:
            for path in self.bare_paths(decorator, function.parent or function):
                made = self.catalogue.decorated(path)
                if made is not None:
                    yield decorator, made

    def _any_scope(self) -> FunctionNode:
        return next(node.body for node in self.modules.values() if node is not None)

    def plain_call(self, value: Value) -> Values:
        """Return what calling a value gives where nothing is known of the arguments."""
        return self.memo.answer(("called", value), lambda: self.call(value, Passed((), unknown=True), self._any_scope(), None))


def _calls(expr: Expr) -> bool:
    return any(isinstance(part, Call) for part in walk(expr))
