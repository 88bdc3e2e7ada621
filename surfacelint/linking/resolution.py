"""What an expression in a scope evaluates to."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.extraction.outlines import lambda_name
from surfacelint.facts.expressions import (
    NOTHING,
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
    Slice,
    Starred,
    Subscript,
    Walrus,
)
from surfacelint.linking.arguments import Passed, argument_for, passed
from surfacelint.linking.classes import Classes
from surfacelint.linking.externals import Externals
from surfacelint.linking.memo import Memo
from surfacelint.linking.modules import FunctionNode, ModuleNode, ModuleSource, Source, build_module, identifier
from surfacelint.linking.values import (
    NONE,
    Class,
    External,
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
    external,
    segments,
    union,
)

_UNWRAPPED = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Type", "type", "Awaitable", "Coroutine", "NotRequired"})
"""Names of typing forms that stand for what they contain."""

_PLAIN_ROOTS = frozenset({"builtins", "typing", "typing_extensions", "collections", "types"})


class Resolver:
    """Evaluates expressions over all modules of a program. Demand-driven and memoised; a cycle adds nothing to itself."""

    def __init__(self, source: ModuleSource, catalogue: Catalogue) -> None:
        self.source = source
        self.catalogue = catalogue
        self.modules: dict[str, ModuleNode | None] = {}
        self.classes = Classes(self)
        self.externals = Externals(self, catalogue)
        self.callers: dict[str, list[tuple[FunctionNode, Passed]]] = {}
        self.memo = Memo()

    def forget(self) -> bool:
        """Drop what was concluded from `callers`, or everything where subclasses turned up; return whether it was everything."""
        renewed = self.classes.renew()
        self.memo.forget(all_=renewed)
        return renewed

    # Modules and nodes.

    def module(self, name: str) -> ModuleNode | None:
        """Return a module's scopes, `None` where it has no source."""
        if name not in self.modules:
            outline = self.source.outline(name)
            self.modules[name] = None if outline is None else build_module(name, outline)
        return self.modules[name]

    def function(self, id_: str) -> FunctionNode:
        """Return the node of a function that a value names."""
        module, _, qualname = id_.rpartition(":")
        return cast(ModuleNode, self.module(module)).functions[qualname]

    def evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return what `expr` may be in `scope`."""
        return self.memo.answer((scope.id, id(expr)), lambda: self._evaluate(expr, scope), expr)

    def _evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        match expr:
            case Name(id=name):
                return self.name(name, scope)
            case Attribute(value=value, attr=attr):
                return union([self.attribute(owner, attr, scope) for owner in self.evaluate(value, scope)])
            case Call():
                return self._call(expr, scope)
            case Await(value=value) | Starred(value=value) | Walrus(value=value):
                return self.evaluate(value, scope)
            case Element(value=value):
                return union([self.element(item) for item in self.evaluate(value, scope)])
            case Enter(value=value):
                return union([self._enter(item) for item in self.evaluate(value, scope)])
            case Subscript(value=value, index=index):
                return union([self._item(item, index) for item in self.evaluate(value, scope)])
            case Constant(value=str(text)):
                return (Text(text),)
            case Choice(options=options):
                return union([self.evaluate(option, scope) for option in options])
            case Lambda(span=span):
                return (Function(identifier(scope.module.name, lambda_name(span))),)
            case _:
                return self._display(expr, scope)

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
                return self._beginning(parts, scope)
            case Composite(operator="+", parts=parts):
                return self._beginning(parts, scope) or union([self.evaluate(part, scope) for part in parts])
            case Composite(operator="|", parts=parts):
                return union([self.evaluate(part, scope) for part in parts])
            case _:
                return NONE

    def _beginning(self, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        """Return the known beginning of a text that is put together."""
        text = ""
        for part in parts:
            known = [value.value for value in self.evaluate(part, scope) if isinstance(value, Text)]
            if not known:
                break
            text += known[0]
        return (Text(text),) if text else NONE

    # Names.

    def name(self, name: str, scope: FunctionNode) -> Values:
        """Return what a name may be in `scope`."""
        return self.memo.answer((scope.id, name), lambda: self._lookup(name, scope))

    def _lookup(self, name: str, scope: FunctionNode) -> Values:
        here: FunctionNode | None = scope
        while here is not None:
            sources = here.names.get(name)
            if sources is not None:
                node = here
                return union([self.bound(source, node) for source in sources])
            here = here.parent
        if name == "super" and scope.owner is not None:
            return (Super(scope.owner.id),)
        return self._star_imported(name, scope.module) or external(f"builtins.{name}")

    def bound(self, source: Source, scope: FunctionNode) -> Values:
        """Return what one way of binding a name in `scope` binds it to."""
        if source.parameter is not None:
            return self.parameter(source.parameter.name, scope)
        if source.imported is not None:
            imported = source.imported
            return self._imported(imported.module, imported.symbol, imported.level, scope.module.name)
        if source.definition is not None:
            return self._defined(scope.module, source.definition)
        values = NONE if source.value is None else self.evaluate(source.value, scope)
        return values or (self.annotated(source.annotation, scope) if source.annotation is not None else NONE)

    def _defined(self, module: ModuleNode, qualname: str) -> Values:
        if qualname in module.classes:
            return (Class(identifier(module.name, qualname)),)
        return (Function(identifier(module.name, qualname)),) if qualname in module.functions else NONE

    def _imported(self, module: str, symbol: str | None, level: int, importer: str) -> Values:
        canonical = self.source.resolve(module, importer, level)
        if symbol is None:  # `import a.b` binds a
            top = self.source.resolve(module.partition(".")[0], importer, 0)
            return (Module(top),) if top is not None else external(module.partition(".")[0])
        if canonical is None:
            return NONE if level else external(f"{module}.{symbol}" if symbol else module)
        return self.member(canonical, symbol) if symbol else (Module(canonical),)

    def member(self, module: str, name: str) -> Values:
        """Return what `name` is in a first-party module: something it binds, or a submodule."""
        node = self.module(module)
        if node is not None and name in node.body.names:
            values = self.name(name, node.body)
            if values:
                return values
        submodule = self.source.submodule(module, name)
        if submodule is not None:
            return (Module(submodule),)
        return self._star_imported(name, node) if node is not None else NONE

    def _star_imported(self, name: str, module: ModuleNode) -> Values:
        for source in module.body.names.get("*", ()):
            imported = source.imported
            if imported is None or name.startswith("_"):
                continue
            canonical = self.source.resolve(imported.module, module.name, imported.level)
            if canonical is None or canonical == module.name:
                continue
            values = self.memo.answer(("*", canonical, name), lambda canonical=canonical: self.member(canonical, name))  # type: ignore[misc]
            if values:
                return values
        return NONE

    # Parameters, annotations and returns.

    def parameter(self, name: str, scope: FunctionNode) -> Values:
        """Return what a parameter is inside its function: by its place, its annotation, or else by whatever is passed."""
        owner = scope.owner
        if owner is not None and name == scope.first and not self.classes.is_static(scope):
            return (Class(owner.id),) if self.classes.is_class_method(scope) else (Instance(owner.id),)
        outline = next(parameter for parameter in scope.outline.parameters if parameter.name == name)
        if outline.annotation is not None:
            outside = scope.parent or scope
            values = self.annotated(outline.annotation, outside)
            if values:
                return values
        passed_in: Values = (Parameter(scope.id, name, ""),)
        if isinstance(outline.default, Call):
            # What a framework injects, and what is used where nothing is passed.
            injected = self.evaluate(outline.default, scope.parent or scope)
            return union([passed_in, tuple(value for value in injected if not isinstance(value, External) or self.externals.is_client(value))])
        return passed_in

    def annotated(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return an instance of what an annotation names; nothing for plain containers and the like."""
        match expr:
            case Subscript(value=Name(id=form) | Attribute(attr=form), index=index) if form in _UNWRAPPED:
                return self._annotated_parts(form, index, scope)
            case Composite(operator="|", parts=parts):
                return union([self.annotated(part, scope) for part in parts])
            case Subscript(value=value):
                return self.annotated(value, scope) if not isinstance(value, Name) else NONE
            case Name() | Attribute():
                return union([self._instance(value) for value in self.evaluate(expr, scope)])
            case _:
                return NONE

    def _annotated_parts(self, form: str, index: Expr, scope: FunctionNode) -> Values:
        parts = index.items if isinstance(index, Collection) else (index,)
        if form == "Annotated":
            # What is injected is more telling than the type that is declared.
            injected = union([self.evaluate(part, scope) for part in parts[1:] if isinstance(part, Call)])
            known = tuple(value for value in injected if not isinstance(value, External) or self.externals.is_client(value))
            return known or self.annotated(parts[0], scope)
        return union([self.annotated(part, scope) for part in (parts[-1:] if form == "Coroutine" else parts)])

    def _instance(self, value: Value) -> Values:
        if isinstance(value, Class):
            return (Instance(value.id),)
        if isinstance(value, External) and value.path.partition(".")[0] not in _PLAIN_ROOTS:
            return external(f"{value.path}()")
        return NONE

    def returned(self, function: FunctionNode) -> Values:
        """Return what calling a function gives, in terms of its own parameters."""
        return self.memo.answer(("returns", function.id), lambda: self._returned(function))

    def _returned(self, function: FunctionNode) -> Values:
        outline = function.outline
        values = union([self.evaluate(value, function) for value in outline.returns])
        if not values and outline.return_annotation is not None:
            values = self.annotated(outline.return_annotation, function.parent or function)
        return values

    # Calls.

    def _call(self, call: Call, scope: FunctionNode) -> Values:
        return union([self.call(value, passed(call, scope.id), scope, call) for value in self.callee(call, scope)])

    def callee(self, call: Call, scope: FunctionNode) -> Values:
        """Return what a call calls, where it stands: a name that its scope binds several times is what it was bound to last."""
        key = ("callee", scope.id, id(call))
        return self.memo.answer(key, lambda: self._at(call.function, scope, scope.statement_of(call)), call)

    def _at(self, expr: Expr, scope: FunctionNode, place: Position) -> Values:
        match expr:
            case Name(id=name) if len(scope.names.get(name, ())) > 1:
                before = [source for source in scope.names[name] if source.start is not None and source.start < place]
                nearest = max(before, key=lambda source: source.start or place, default=None)
                # One in a deeper block may not have run: then any may be meant.
                if nearest is not None and nearest.start is not None and nearest.start.column <= place.column:
                    return self.bound(nearest, scope) or self.evaluate(expr, scope)
                return self.evaluate(expr, scope)
            case Attribute(value=value, attr=attr):
                return union([self.attribute(owner, attr, scope) for owner in self._at(value, scope, place)])
            case _:
                return self.evaluate(expr, scope)

    def call(self, value: Value, given: Passed, scope: FunctionNode, call: Call | None) -> Values:
        """Return what calling `value` with `given` arguments gives."""
        match value:
            case Function(id=id_):
                return self.substitute_all(self.returned(self.function(id_)), id_, given)
            case Method(id=id_):
                skipped = Passed(given.arguments, given.skip + 1)
                return self.substitute_all(self.returned(self.function(id_)), id_, skipped)
            case Class(id=id_):
                return (Instance(id_, exact=True),)
            case External():
                return self.externals.call(value, given, scope)
            case Parameter(id=id_, name=name, path=path):
                return (Parameter(id_, name, f"{path}()"),) if len(path) < 80 else NONE
            case Partial(function=function, arguments=arguments, scope=where):
                both = Passed((*((where, argument) for argument in arguments), *given.arguments), given.skip)
                return self.call(function, both, scope, call)
            case Instance():
                return union([self.call(method, given, scope, call) for method in self.classes.attribute(value, "__call__")])
            case Member(items=items, name=name):
                return self._container_call(items, name, given)
            case Super(id=id_):
                return (value,)
            case _:
                return NONE

    def _container_call(self, items: Items, name: str, given: Passed) -> Values:
        everything = union(items.items)
        if name in ("get", "pop", "setdefault"):
            index = given.arguments[0][1].value if given.arguments else NOTHING
            return self._item(items, index)
        if name == "values" or name == "copy":
            return (items,)
        pair = Items((NONE, everything))
        return (Items(((pair,),)),) if name == "items" else NONE

    def substitute_all(self, values: Values, id_: str, given: Passed) -> Values:
        """Put arguments for the parameters of function `id_` in `values`."""
        return union([self.substitute(value, id_, given) for value in values])

    def substitute(self, value: Value, id_: str, given: Passed) -> Values:
        """Put arguments for the parameters of function `id_` in one value."""
        match value:
            case Parameter(id=owner, name=name, path=path) if owner == id_:
                return self.follow(self.actual(id_, name, given), path)
            case Items(items=items, keys=keys):
                return (Items(tuple(self.substitute_all(item, id_, given) for item in items), keys),)
            case Partial(function=function, arguments=arguments, scope=scope):
                return tuple(Partial(inner, arguments, scope) for inner in self.substitute(function, id_, given))
            case _:
                return (value,)

    def actual(self, id_: str, name: str, given: Passed) -> Values:
        """Return what `given` passes for a parameter: its argument, or else its default."""
        function = self.function(id_)
        found = argument_for(function.outline, given, name)
        values = union([self.evaluate(expr, self.function(scope)) for scope, expr in found])
        if values or (found and not any(argument.star for _, argument in given.arguments)):
            return values
        default = next((p.default for p in function.outline.parameters if p.name == name), None)
        return NONE if default is None else self.evaluate(default, function.parent or function)

    def follow(self, values: Values, path: str) -> Values:
        """Take `path` of `values`: attributes, calls and items in turn."""
        for segment in segments(path):
            values = union([self._step(value, segment) for value in values])
        return values

    def _step(self, value: Value, segment: str) -> Values:
        if segment == "[]":
            return self.element(value)
        if segment == "()":
            return self.call(value, Passed((), unknown=True), self._any_scope(), None)
        return self.attribute(value, segment[1:], self._any_scope())

    def _any_scope(self) -> FunctionNode:
        return next(node.body for node in self.modules.values() if node is not None)

    def everywhere(self, values: Values) -> Values:
        """Replace parameters by what all known callers pass: for values that outlive the call, such as attributes of an instance."""
        if not any(isinstance(value, Parameter) for value in values):
            return values
        return union([self._from_callers(value) if isinstance(value, Parameter) else (value,) for value in values])

    def _from_callers(self, value: Parameter) -> Values:
        def compute() -> Values:
            self.memo.consult()
            found = [self.actual(value.id, value.name, given) for _, given in self.callers.get(value.id, ())]
            if not found:
                found = [self.actual(value.id, value.name, Passed(()))]
            return self.follow(self.everywhere(union(found)), value.path)

        return self.memo.answer(("callers", value), compute)

    # Attributes, items, contexts.

    def attribute(self, value: Value, attr: str, scope: FunctionNode) -> Values:
        """Return an attribute of a value."""
        match value:
            case Module(name=name):
                return self.memo.answer((name, ".", attr), lambda: self.member(name, attr))
            case Instance() | Class() | Super():
                return self.classes.attribute(value, attr)
            case External():
                return self.externals.attribute(value, attr)
            case Parameter(id=id_, name=name, path=path):
                return (Parameter(id_, name, f"{path}.{attr}"),) if len(path) < 80 else NONE
            case Function(id=id_):
                return self._task(id_, attr)
            case Method(id=id_):
                return self._task(id_, attr)
            case Items() if attr in ("get", "pop", "setdefault", "values", "items", "copy"):
                return (Member(value, attr),)
            case _:
                return NONE

    def _task(self, id_: str, attr: str) -> Values:
        function = self.function(id_)
        for decorator in function.outline.decorators:
            called = decorator.function if isinstance(decorator, Call) else decorator
            for value in self.evaluate(called, function.parent or function):
                if isinstance(value, External):
                    made = self.catalogue.decorated(value.path)
                    if made is not None:
                        return (Task(id_, f"{made}.{attr}"),)
        return NONE

    def element(self, value: Value) -> Values:
        """Return what iterating over a value gives."""
        match value:
            case Items(items=items):
                return union(items)
            case External(path=path, host=host):
                return external(f"{path}[]", host)
            case Parameter(id=id_, name=name, path=path):
                return (Parameter(id_, name, f"{path}[]"),) if len(path) < 80 else NONE
            case Instance():
                # an iterator is its own iterable
                return self.memo.answer(("element", value), lambda: self._iterated(value))
            case _:
                return NONE

    def _iterated(self, value: Instance) -> Values:
        return union([self.element(item) for method in self.classes.attribute(value, "__iter__") for item in self._plain_call(method)])

    def _plain_call(self, value: Value) -> Values:
        return self.call(value, Passed(()), self._any_scope(), None)

    def _item(self, value: Value, index: Expr) -> Values:
        if isinstance(index, Slice):
            return (value,)
        if isinstance(value, Items) and isinstance(index, Constant):
            if value.keys:
                chosen = [item for key, item in zip(value.keys, value.items, strict=False) if key is not None and key == index.value]
                return union(chosen) if chosen else union(value.items)
            number = index.value
            if isinstance(number, int) and -len(value.items) <= number < len(value.items):
                return value.items[number]
        if isinstance(value, Text | Class):
            return (value,) if isinstance(value, Class) else NONE
        return self.element(value)

    def _entered(self, value: Instance) -> Values:
        methods = [method for name in ("__enter__", "__aenter__") for method in self.classes.attribute(value, name)]
        return union([self._plain_call(method) for method in methods])

    def _enter(self, value: Value) -> Values:
        match value:
            case Instance():
                return self.memo.answer(("enter", value), lambda: self._entered(value)) or (value,)
            case Items(items=items):  # a generator function made a context manager
                return union(items)
            case _:
                return (value,)
