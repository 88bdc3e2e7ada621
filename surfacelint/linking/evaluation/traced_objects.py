"""Where an object comes from: the call that makes it, or a parameter. So objects of one class are told apart by their arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from surfacelint.facts.expressions import NOTHING, Attribute, Await, Call, Constant, Enter, Expr, Name, Subscript, dotted
from surfacelint.linking.evaluation.abstract_values import Class, External, Function, Method, Module, Parameter, extended
from surfacelint.linking.evaluation.call_arguments import PassedArguments, passed
from surfacelint.linking.evaluation.class_hierarchy import defining_class
from surfacelint.linking.evaluation.constants import definition
from surfacelint.linking.evaluation.function_runs import Passed, Run, passed_for, run_by
from surfacelint.linking.evaluation.method_kinds import CONSTRUCTORS, is_property
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, NameBinding
from surfacelint.system.records import record

DEEPEST = 12
"""Steps that are followed from an expression to where its value comes from. The limit also ends cycles."""

_PLAIN_BASES = ("builtins.", "abc.", "typing.", "typing_extensions.", "pydantic.BaseModel", "pydantic.main.BaseModel")
"""Base classes whose fields have the values that the constructor is passed. Others may read the environment."""

_HARMLESS = ("builtins.", "functools.", "contextlib.", "abc.", "typing.", "asyncio.", "dataclasses.")
"""Decorators that pass on their arguments, by the start of their path."""


@record(frozen=True, slots=True, eq=False)
class Made:
    """An object that `call` in `scope` makes of a first-party class, or with `call` set to `None` the class itself.

    `runs` are the runs that lead to the call: the parameters of `scope` get the arguments of the first one.
    """

    class_id: str
    call: Call | None
    scope: FunctionNode
    runs: tuple[Run, ...] = ()


@record(frozen=True, slots=True, eq=False)
class Held:
    """What an attribute of an object holds: an expression in a scope, and the runs whose arguments its parameters get, innermost first."""

    expr: Expr
    scope: FunctionNode
    runs: tuple[Run, ...] = ()


Origin: TypeAlias = Parameter | Made | None


class TracedObjects:
    """Traces the objects of one program."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._assigned: set[str] | None = None
        self._known_defaults: dict[str, bool] = {}

    def origin(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> Origin:
        """Return where the value of `expr` comes from, `None` where that is unknown."""
        if depth > DEEPEST:
            return None
        match expr:
            case Name():
                return self._named(expr, scope, depth)
            case Attribute(value=value, attr=attr):
                return self._attribute(value, attr, scope, depth)
            case Subscript(value=value, index=Constant(value=str(key))):
                owner = self.origin(value, scope, depth + 1)
                return _step(owner, f"['{key}']") if isinstance(owner, Parameter) and key.isidentifier() else None
            case Await(value=value) | Enter(value=value):
                return self.origin(value, scope, depth + 1)
            case Call():
                return self._result(expr, scope, depth)
            case _:
                return None

    def held(self, made: Made, attr: str) -> Held | None:
        """Return what an attribute of an object holds, if exactly one statement sets it when the object is made."""
        if attr in self._assigned_attributes():
            return None
        lineage = self._resolver.classes.bases(made.class_id)
        nodes = [node for node in lineage if isinstance(node, ClassNode)]
        bound = [each for node in nodes for each in node.attributes.get(attr, ())]
        if bound:
            return self._bound(made, bound)
        owner = next((node for node in nodes if attr in node.members or attr in node.methods), None)
        sources = [] if owner is None else owner.members.get(attr, [])
        if owner is None or len(sources) != 1:
            return None
        value, is_declared = sources[0].value, sources[0].annotation is not None
        if is_declared and made.call is not None and not any("__init__" in node.methods for node in nodes):
            return self._field(made, made.call, attr, lineage)
        # A declaration without a value looks like one with the value `None`.
        return None if value is None or (is_declared and value == NOTHING) else Held(value, owner.scope)

    def run(self, call: Call, callee: FunctionNode, given: PassedArguments, caller: FunctionNode) -> Run:
        """Return the run of a function by a call in `caller`."""
        return run_by(call, callee, given, caller, defaults=not given.unknown and self.has_defaults(callee))

    def passed(self, run: Run, parameter: Parameter) -> Passed | None:
        """Return what a run passes for a parameter, `None` where that is unknown."""
        return passed_for(run, parameter, self._resolver.function)

    def has_defaults(self, function: FunctionNode) -> bool:
        """Whether parameters without an argument have their defaults: no decorator of a library passes something else."""
        known = self._known_defaults.get(function.id)
        if known is None:
            scope = function.parent or function
            paths = [path for each in function.outline.decorators for path in self._resolver.bare_paths(each, scope)]
            retry = self._resolver.program.catalogue.retry
            known = all(path.startswith(_HARMLESS) or retry(path) is not None for path in paths)
            self._known_defaults[function.id] = known
        return known

    def own_constant(self, owner: ClassNode, attr: str) -> Held | None:
        """Return what the body of a class, and no method or subclass of it, assigns to an attribute."""
        sources = owner.members.get(attr, [])
        if len(sources) != 1 or sources[0].value is None or sources[0].annotation is not None:
            return None
        classes = self._resolver.classes
        nodes = [*classes.bases(owner.id), *map(classes.node, classes.subclasses(owner.id))]
        changes = [node for node in nodes if isinstance(node, ClassNode) and (attr in node.attributes or attr in node.members)]
        return Held(sources[0].value, owner.scope) if changes == [owner] and attr not in self._assigned_attributes() else None

    def own_binding(self, owner: ClassNode, attr: str) -> Held | None:
        """Return what a constructor of a class, and nothing else, binds an attribute of its receiver to."""
        bound = owner.attributes.get(attr, ())
        if len(bound) != 1 or attr in owner.members or attr in self._assigned_attributes():
            return None
        method, source = bound[0]
        return Held(source.value, method) if source.value is not None and method.outline.name in CONSTRUCTORS else None

    def property_of(self, origin: Origin, attr: str, method: FunctionNode | None) -> FunctionNode | None:
        """Return the property of an object, or of the receiver of `method`, that only returns one value."""
        owner = None if method is None else method.owner
        class_id = origin.class_id if isinstance(origin, Made) else "" if owner is None else owner.id
        classes = self._resolver.classes
        defining = defining_class(classes.bases(class_id), attr) if class_id else None
        found = None if defining is None else defining.method(attr)
        if found is None or not is_property(found) or len(found.outline.returns) != 1:
            return None
        is_other = not isinstance(origin, Made) and any(attr in classes.node(sub).methods for sub in classes.subclasses(class_id))
        return None if is_other else found

    # Origins.

    def _named(self, expr: Name, scope: FunctionNode, depth: int) -> Origin:
        here = scope.scope_of(expr.id)
        sources = [] if here is None else here.names[expr.id]
        if here is not None and len(sources) == 1 and sources[0].parameter is not None:
            return Parameter(here.id, expr.id)
        defined = definition(self._resolver, expr, scope)
        if defined is not None:
            return self.origin(defined[0], defined[1], depth + 1)
        values = self._resolver.evaluate(expr, scope) if len(sources) <= 1 else ()
        return Made(values[0].id, None, scope) if len(values) == 1 and isinstance(values[0], Class) else None

    def _attribute(self, value: Expr, attr: str, scope: FunctionNode, depth: int) -> Origin:
        owner = self.origin(value, scope, depth + 1)
        if isinstance(owner, Parameter):
            return _step(owner, f".{attr}")
        if isinstance(owner, Made):
            held = self.held(owner, attr)
            return None if held is None else self._outside(self.origin(held.expr, held.scope, depth + 1), held.runs, depth)
        defined = definition(self._resolver, Attribute(value, attr), scope)
        if defined is not None and isinstance(self._module_of(value, scope), Module):
            return self.origin(defined[0], defined[1], depth + 1)
        values = self._resolver.evaluate(Attribute(value, attr), scope)
        return Made(values[0].id, None, scope) if len(values) == 1 and isinstance(values[0], Class) else None

    def _module_of(self, value: Expr, scope: FunctionNode) -> object:
        return next(iter(self._resolver.evaluate(value, scope)), None)

    def _result(self, call: Call, scope: FunctionNode, depth: int) -> Origin:
        """Return where the result of a call comes from: a constructor makes it, or the only `return` of a function."""
        callees = self._resolver.callee(call, scope)
        if len(callees) != 1:
            return None
        callee = callees[0]
        if isinstance(callee, Class):
            return Made(callee.id, call, scope)
        if not isinstance(callee, Function | Method):
            return None
        function = self._resolver.function(callee.id)
        returns = function.outline.returns
        if len(returns) != 1 or function.outline.is_generator:
            return None
        run = self.run(call, function, passed(call, scope.id, skip=int(isinstance(callee, Method))), scope)
        return self._outside(self.origin(returns[0], function, depth + 1), (run,), depth)

    def _outside(self, origin: Origin, runs: tuple[Run, ...], depth: int) -> Origin:
        """Return an origin as the callers of `runs` see it."""
        if isinstance(origin, Made):
            return replace(origin, runs=(*origin.runs, *runs))
        for run in runs:
            if not isinstance(origin, Parameter):
                break
            if origin.id != run.callee.id:
                return None
            found = self.passed(run, origin)
            origin = None if found is None else self.origin(found.expr, found.scope, depth + 1)
        return origin

    # Attributes.

    def _bound(self, made: Made, bound: list[tuple[FunctionNode, NameBinding]]) -> Held | None:
        """Return what a constructor binds an attribute to, unless several statements bind it."""
        method, source = bound[0]
        if len(bound) > 1 or source.value is None or method.outline.name not in CONSTRUCTORS or made.call is None:
            return None
        runs = self._constructor_runs(made, made.call, method)
        return None if runs is None else Held(source.value, method, (*runs, *made.runs))

    def _constructor_runs(self, made: Made, call: Call, method: FunctionNode) -> tuple[Run, ...] | None:
        """Return the runs from the call of a class to one of its constructors, along `super().__init__(…)`, innermost first."""
        running = [each for each in self._resolver.class_attributes.constructors(made.class_id) if each.outline.name == method.outline.name]
        if not running:
            return None
        here = running[0]
        runs = [self.run(call, here, passed(call, made.scope.id, skip=1), made.scope)]
        while here is not method and len(runs) < DEEPEST:
            inner = self._base_constructor(here)
            if inner is None:
                return None
            runs.insert(0, inner)
            here = inner.callee
        return tuple(runs) if here is method else None

    def _base_constructor(self, constructor: FunctionNode) -> Run | None:
        """Return the run of the constructor of a base class by another constructor."""
        name = constructor.outline.name
        bases = [] if constructor.owner is None else self._resolver.classes.bases(constructor.owner.id)[1:]
        defining = defining_class(bases, name)
        for call in (site.call for site in constructor.outline.calls) if defining is not None else ():
            function = call.function
            if isinstance(function, Attribute) and function.attr == name and defining is not None:
                skip = int(isinstance(function.value, Call))  # `super()` binds the receiver
                return self.run(call, defining.method(name), passed(call, constructor.id, skip=skip), constructor)
        return None

    def _field(self, made: Made, call: Call, attr: str, lineage: list[ClassNode | External]) -> Held | None:
        """Return what a constructor call passes for a field of a dataclass or model, or its default."""
        if any(isinstance(base, External) and not base.path.startswith(_PLAIN_BASES) for base in lineage):
            return None
        given = call.arguments
        if any(argument.star for argument in given):
            return None
        fields = [
            field
            for node in reversed(lineage)
            if isinstance(node, ClassNode)
            for field, sources in node.members.items()
            if any(source.annotation is not None for source in sources)
        ]
        names = list(dict.fromkeys(fields))
        position = names.index(attr)
        positional = [argument.value for argument in given if argument.name is None]
        named = next((argument.value for argument in given if argument.name == attr), None)
        if named is not None or position < len(positional):
            return Held(positional[position] if named is None else named, made.scope, made.runs)
        owner = next(node for node in lineage if isinstance(node, ClassNode) and attr in node.members)
        default = field_default(owner.members[attr][0].value)
        return None if default is None else Held(default, owner.scope)

    def _assigned_attributes(self) -> set[str]:
        """Return the attributes that any function assigns to an object other than its receiver: these may have any value."""
        if self._assigned is None:
            self._assigned = set()
            for function in self._resolver.functions():
                for binding in function.outline.bindings:
                    target = binding.target
                    own = function.first if function.owner is not None else None
                    if isinstance(target, Attribute) and not (isinstance(target.value, Name) and target.value.id == own):
                        self._assigned.add(target.attr)
        return self._assigned


def _step(parameter: Parameter, step: str) -> Parameter | None:
    return next((value for value in extended(parameter, step) if isinstance(value, Parameter)), None)


def field_default(value: Expr | None) -> Expr | None:
    """Return the default of a field: `3` of `field(default=3)` and of `Field(3)`. Other calls make a new object each time."""
    if isinstance(value, Call) and (dotted(value.function) or "").rpartition(".")[2] in ("field", "Field"):
        named = next((argument.value for argument in value.arguments if argument.name == "default"), None)
        return named or next((argument.value for argument in value.arguments if argument.name is None), None)
    return value
