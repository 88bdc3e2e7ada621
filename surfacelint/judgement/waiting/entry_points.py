"""Finds entry points: functions that frameworks, schedulers or people call, and whether a user waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from surfacelint.catalogue.entry_rows import Entry
from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Call, Constant, Name, Subscript, walk
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.judgement.declared_facts import Declarations
from surfacelint.judgement.error_guard import Guard
from surfacelint.linking.calls.call_graph import CallGraph, Site
from surfacelint.linking.evaluation.abstract_values import Class, External, Function, Instance, Method, Value, Values
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class EntryPoint:
    """How a function is entered from outside the program.

    `waits` says whether a user waits: `yes`, `no` or `unknown`. `description` is for messages, such as "FastAPI handler ask", and
    `medium` is how the user is reached (`http`, `bot`, …), as in the catalogue. `shares_loop` states that a coroutine that is entered here
    runs on the event loop of a server or bot.
    """

    waits: str
    description: str
    medium: str
    shares_loop: bool


class EntryPoints:
    """The entry points of one program, from the catalogue and from declared facts."""

    def __init__(self, graph: CallGraph, resolver: Resolver, catalogue: Catalogue, declarations: Declarations, guard: Guard) -> None:
        self._graph = graph
        self._resolver = resolver
        self._catalogue = catalogue
        self._declarations = declarations
        self._declared: dict[str, EntryPoint | None] = {}
        self._points: dict[str, EntryPoint] = {}
        self._started = _started(graph)
        for function in graph.functions.values():
            with guard.judging(function):
                self._add_defined(function)
        for site in (site for sites in graph.sites.values() for site in sites):
            with guard.judging(site.function):
                self._add_registered(site)

    def point(self, function: FunctionNode) -> EntryPoint | None:
        """Return the entry point of a function, as declared or as recognised by the catalogue, or `None`."""
        if function.id not in self._declared:
            self._declared[function.id] = self._declare(function)
        return self._declared[function.id]

    def found(self, function: FunctionNode) -> EntryPoint | None:
        """Return the entry point of a function that the catalogue recognises, ignoring declared facts, or `None`."""
        return self._points.get(function.id)

    def _declare(self, function: FunctionNode) -> EntryPoint | None:
        found = self.found(function)
        waits = self._declarations.of(function).waits
        if not waits:
            return found
        kind = "handler" if waits == "yes" else "background job"
        shares_loop = waits == "yes" or (found is not None and found.shares_loop)
        return EntryPoint(waits, f"declared {kind} {function.outline.title}", "" if found is None else found.medium, shares_loop)

    def _add(self, function: FunctionNode, entry: Entry) -> None:
        name = function.outline.title
        label = {"yes": "handler", "no": "job"}.get(entry.waits, "entry point")
        point = EntryPoint(entry.waits, f"{entry.framework} {label} {name}", entry.medium, entry.waits == "yes" or entry.shares_loop)
        known = self._points.get(function.id)
        # A definite answer wins over an unknown one. Of two definite ones, the first wins.
        if known is None or (known.waits == "unknown" and point.waits != "unknown"):
            self._points[function.id] = point
        elif point.shares_loop:
            self._points[function.id] = replace(known, shares_loop=True)

    def _add_defined(self, function: FunctionNode) -> None:
        """Add the entry point that the definition of a function shows."""
        if function.outline.qualname == MODULE_BODY:
            self._add_page(function)
            return
        shown = (*self._by_decorator(function), *self._by_class(function), *self._by_parameters(function))
        for entry in (*shown, *self._by_signature(function), *self._by_call(function)):
            self._add(function, entry)

    def _by_decorator(self, function: FunctionNode) -> Iterable[Entry]:
        outside = function.parent or function
        for decorator in function.outline.decorators:
            for path in self._resolver.bare_paths(decorator, outside):
                entry = self._catalogue.entry("decorator", path)
                if entry is not None:
                    yield entry

    def _by_class(self, function: FunctionNode) -> Iterable[Entry]:
        owner = function.owner
        if owner is None:
            return
        name = function.outline.name
        for base in self._resolver.classes.bases(owner.id):
            if isinstance(base, External):
                entry = self._catalogue.entry("base-class", base.path)
                if entry is not None and _names_method(entry, name):
                    yield entry
        for decorator in owner.outline.decorators:
            for path in self._resolver.bare_paths(decorator, owner.scope):
                entry = self._catalogue.entry("class-decorator", path)
                if entry is not None and (not entry.methods or _names_method(entry, name)):
                    yield entry

    def _by_parameters(self, function: FunctionNode) -> Iterable[Entry]:
        """Yield the entries that the annotations and defaults of parameters show."""
        outside, is_run = function.parent or function, self._is_run(function)
        for parameter in function.outline.parameters:
            if parameter.annotation is not None and not is_run:
                entries = [self._catalogue.entry("annotation", path) for path in self._resolver.bare_paths(parameter.annotation, outside)]
                yield from (entry for entry in entries if entry is not None)
            if isinstance(parameter.default, Call):
                entries = [self._catalogue.entry("default", path) for path in self._resolver.bare_paths(parameter.default, outside)]
                yield from (entry for entry in entries if entry is not None)

    def _by_signature(self, function: FunctionNode) -> Iterable[Entry]:
        given = tuple(parameter.name for parameter in function.outline.parameters)
        name = function.outline.name
        for entry in self._catalogue.entries("body"):
            if given[: len(entry.parameters)] == entry.parameters and _reads(function, entry):
                # The keys that a function reads are stronger evidence than the names of its parameters.
                yield entry
                return
        if function.id in self._started:
            return
        for entry in self._catalogue.entries("signature"):
            fits = given[: len(entry.parameters)] == entry.parameters
            named = not entry.methods or name in entry.methods
            if fits and named and self._in_module(entry, function.module):
                yield entry

    def _is_run(self, function: FunctionNode) -> bool:
        """Whether the project itself runs a function. What it passes on, such as a request, then says nothing: its caller decides."""
        callers = {caller.id: caller for caller, _ in self._resolver.callers.get(function.id, ()) if caller is not function}
        return any(not caller.outline.name.startswith("test") for caller in callers.values())

    def _in_module(self, entry: Entry, module: ModuleNode) -> bool:
        if entry.module:
            return fnmatchcase(f"{module.name.rpartition('.')[2]}.py", entry.module)
        return not entry.root or self._imports(module, entry.root)

    def _imports(self, module: ModuleNode, root: str) -> bool:
        return any(
            imported.module == root or imported.module.startswith(f"{root}.")
            for function in module.functions.values()
            for imported in function.outline.imports
        )

    def _by_call(self, function: FunctionNode) -> Iterable[Entry]:
        for site in self._graph.sites.get(function.id, ()):
            for value in self._resolver.callee(site.call, function):
                if isinstance(value, External):
                    entry = self._catalogue.entry("call", value.path)
                    if entry is not None:
                        yield entry

    def _add_page(self, body: FunctionNode) -> None:
        """Add the body of a module whose UI toolkit runs it on every interaction, such as Streamlit."""
        for entry in self._catalogue.entries("script"):
            roots = {entry.root, *entry.paths} - {""}
            if any(self._imports(body.module, root) for root in roots):
                self._points[body.id] = EntryPoint(
                    entry.waits, f"{entry.framework} page {body.module.name}", entry.medium, entry.waits == "yes"
                )

    def _add_registered(self, site: Site) -> None:
        """Add the handlers that a call registers with a framework."""
        for value in self._resolver.callee(site.call, site.function):
            if not isinstance(value, External):
                continue
            for match in ("register", "keyword"):
                entry = self._catalogue.entry(match, value.path)
                if entry is not None and entry.waits != "unknown":
                    for handler in self._handlers(site, entry):
                        self._add(handler, entry)

    def _handlers(self, site: Site, entry: Entry) -> list[FunctionNode]:
        """Return the functions among the arguments of a call that registers handlers."""
        found: list[FunctionNode] = []
        positional = [argument.value for argument in site.call.arguments if argument.name is None and not argument.star]
        chosen = [argument.value for argument in site.call.arguments if argument.name is not None and argument.name in entry.keywords]
        if entry.argument is not None and entry.argument < len(positional):
            chosen.append(positional[entry.argument])
        for expr in chosen:
            found += self._functions(self._resolver.evaluate(expr, site.function), entry)
        return [function for function in found if function.id in self._graph.functions]

    def _functions(self, values: Values, entry: Entry) -> list[FunctionNode]:
        found: list[FunctionNode] = []
        for value in values:
            found += self._function(value, entry)
        return found

    def _function(self, value: Value, entry: Entry) -> list[FunctionNode]:
        if isinstance(value, Function | Method):
            return [self._resolver.function(value.id)]
        if isinstance(value, Class | Instance):
            node = self._resolver.classes.node(value.id)
            return [node.module.functions[qualname] for name, qualname in node.methods.items() if _is_handler_method(name, entry)]
        return []


def _started(graph: CallGraph) -> frozenset[str]:
    """Return the identifiers of the functions that the project hands to a thread, a task or a queue."""
    sites = (site for each in graph.sites.values() for site in each)
    targets = (target for site in sites for target in site.targets if isinstance(target.row, Repetition) and target.row.starts)
    return frozenset(target.callee.id for target in targets if isinstance(target.callee, FunctionNode))


def _reads(function: FunctionNode, entry: Entry) -> bool:
    """Whether a function reads one of the entry's keys from its first parameter: `event["body"]`, `event.get("body")`."""
    outline = function.outline
    given = Name(entry.parameters[0])
    parts = [*(site.call for site in outline.calls), *(binding.value for binding in outline.bindings), *outline.returns]
    for part in (part for expr in parts for part in walk(expr)):
        match part:
            case Subscript(value=owner, index=Constant(value=str(key))) if owner == given and key in entry.keywords:
                return True
            case Call(function=Attribute(value=owner, attr="get"), arguments=(first, *_)) if owner == given:
                if isinstance(first.value, Constant) and first.value.value in entry.keywords:
                    return True
            case _:
                continue
    return False


def _names_method(entry: Entry, name: str) -> bool:
    return any(fnmatchcase(name, pattern) and (pattern != "*" or not name.startswith("_")) for pattern in entry.methods)


def _is_handler_method(name: str, entry: Entry) -> bool:
    return _names_method(entry, name) or name == "__call__" or name in ("get", "post", "put", "patch", "delete")
