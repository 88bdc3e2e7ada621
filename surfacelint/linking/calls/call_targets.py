"""What a call may run: first-party functions, requests, parameters; directly, or through something that is handed a callable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import Endpoint, Model, Tier
from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.facts.expressions import Argument, Attribute, Call, Element, Expr, Span
from surfacelint.linking.calls.module_hosts import ModuleHosts
from surfacelint.linking.evaluation.abstract_values import (
    Bound,
    Class,
    External,
    Filled,
    Function,
    Instance,
    Items,
    Method,
    Module,
    Parameter,
    Partial,
    Task,
    Text,
    Value,
    Values,
    segments,
)
from surfacelint.linking.evaluation.call_arguments import Passed
from surfacelint.linking.evaluation.constants import constant, definition, member
from surfacelint.linking.evaluation.library_values import URL_KEYWORDS
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, imported_roots
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Request:
    """A call that resolves to an endpoint, with what its arguments and its client say about it.

    `provider` is the name of who answers: the endpoint's provider, or where the client's `base_url` leads. `traits` are
    those of `streaming`, `local`, `discounted` (at batch price already), `elsewhere` (a host that we know nothing of),
    `chained` (tied to an earlier response) that hold; `tier` is the price tier that an argument picks.
    """

    endpoint: Endpoint
    provider: str
    traits: frozenset[str]
    function: str
    span: Span
    tier: Tier | None = None


@record(frozen=True, slots=True)
class Target:
    """What a site may run: a first-party function, a request, or whatever is passed for a parameter.

    `row` is set where the site does not call it but hands it to something that runs it, many times or later; `receiver` is what a method
    is run on, `bound` what a nested function finds in the parameters of those around it.
    """

    callee: FunctionNode | Request | Parameter
    given: Passed
    row: Repetition | Progress | None = None
    receiver: Instance | None = None
    bound: Bound = ()

    def binds(self, parameter: Parameter) -> bool:
        """Whether it is known what was passed for a parameter of a function around the callee when that was made."""
        return any(each == parameter.whole for each, _ in self.bound)


@record(frozen=True, slots=True)
class At:
    """Where a call stands, and whether it is awaited."""

    function: str
    span: Span
    awaited: bool = False


class Targets:
    """Finds targets, in one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._guessable = catalogue.last_names
        self._posting = frozenset(path.rpartition(".")[2] for path in catalogue.http_calls)
        self.names = catalogue.endpoint_names
        self._inert: dict[str, bool] = {}
        self._module_hosts = ModuleHosts(resolver, catalogue)

    def of(self, value: Value, given: Passed, row: Repetition | Progress | None, at: At) -> list[Target]:
        """Return what running `value` with `given` arguments at `at` may run; `row` says who runs it where it is not called there."""
        resolver = self._resolver
        match value:
            case Function(id=id_, bound=bound):
                return [Target(resolver.function(id_), given, row, bound=bound)]
            case Method(id=id_, receiver=receiver):
                skipped = Passed(given.arguments, given.skip + 1, given.unknown)
                return [Target(resolver.function(id_), skipped, row, receiver if isinstance(receiver, Instance) else None)]
            case Class(id=id_):
                made = Passed(given.arguments, given.skip + 1, given.unknown)
                return [Target(function, made, row) for function in resolver.classes.constructors(id_)]
            case Instance():
                called = resolver.classes.attribute(value, "__call__")
                return [target for method in called for target in self.of(method, given, row, at)]
            case Partial(function=inner, arguments=arguments, scope=scope):
                both = Passed((*((scope, argument) for argument in arguments), *given.arguments), given.skip, given.unknown)
                return self.of(inner, both, row, at)
            case Parameter():
                shaped = self._shaped(_attributes(value), (value,), given, row, at, resolver.function(value.id))
                return shaped or [Target(value, given, row)]
            case Task(id=id_, path=path):
                return self._task(id_, path, given)
            case External():
                return self._external(value, given, row, at)
            case _:
                return []

    def is_inert(self, value: Value) -> bool:
        """Whether running a value can lead to no request, whatever it is given: most of what libraries offer."""
        if not isinstance(value, External):
            return isinstance(value, Text | Items | Filled | Module)
        known = self._inert.get(value.path)
        if known is None:
            rows = self._catalogue
            display = rows.progress(value.path)
            handed = rows.repetition(value.path), rows.retry(value.path), None if display is None else display.callable
            started = rows.entry("register", value.path), rows.entry("keyword", value.path)
            posts = rows.canonical(value.path) in rows.http_calls
            known = not posts and not rows.endpoints(value.path) and all(row is None for row in (*handed, *started))
            self._inert[value.path] = known
        return known

    def guessed(self, call: Call, given: Passed, values: Values, function: FunctionNode, at: At) -> list[Target]:
        """Return what a method of an unknown receiver runs, as far as its module's imports leave no doubt."""
        if not isinstance(call.function, Attribute) or call.function.attr not in self._guessable or not self._is_unknown(values):
            return []
        found = self._shaped(_chain(call.function), values, given, None, at, function)
        if found:
            return found
        path = f"?.{call.function.attr}"
        imported = imported_roots(function.module)
        rows = [row for row in self._catalogue.repetitions(path) if not row.root or row.root in imported]
        return self._handed_over(path, given, at) if rows or self._catalogue.progress(path) is not None else []

    def _shaped(
        self, names: list[str], values: Values, given: Passed, row: Repetition | Progress | None, at: At, scope: FunctionNode
    ) -> list[Target]:
        """Return the request that a chain of attributes looks like, called or handed over, on something of which nothing is known.

        A long path such as `chat.completions.create` on something that comes from outside, in a module that imports the
        SDK, is that SDK's, and what posts to a provider's URL sends a request. Nothing is guessed where it is known what is passed.
        """
        if not names or names[-1] not in self._guessable or not self._is_unknown(values):
            return []
        posted = self._posted(External(f"?.{names[-1]}"), given, at) if names[-1] in self._posting else None
        if posted is not None:
            return [Target(posted, given, row)]
        for provider in self._catalogue.imported_by(imported_roots(scope.module)):
            for start in range(len(names)):
                endpoint = self._catalogue.shaped(".".join(names[start:]), provider)
                # One name alone says too little, but for the keywords beside it.
                if endpoint is not None and (start < len(names) - 1 or any(each.name in endpoint.tells for _, each in given.arguments)):
                    endpoint = replace(endpoint, mode="async") if at.awaited else endpoint
                    return [Target(self._request(endpoint, External(endpoint.path), given, at), given, row)]
        return []

    def _is_unknown(self, values: Values) -> bool:
        """Whether nothing tells what a receiver is: a parameter that nobody is seen to pass, an attribute that is set from outside."""
        known = self._resolver.everywhere(values)
        return not any(not isinstance(value, External) or self._says_something(value) for value in known)

    def _says_something(self, value: External) -> bool:
        head = value.path.partition("(")[0]
        if head.startswith("builtins."):
            return head.count(".") < 2  # a name that the module does not define
        return self._catalogue.repetition(value.path) is not None or self._catalogue.knows(head)

    def _task(self, id_: str, path: str, given: Passed) -> list[Target]:
        rows = self._catalogue.repetitions(path)
        function = self._resolver.function(id_)
        if not rows:
            return [Target(function, given)]
        each = given if rows[0].items == "loop" else _each(given.arguments)
        return [Target(function, each, rows[0])]

    def _external(self, value: External, given: Passed, row: Repetition | Progress | None, at: At) -> list[Target]:
        endpoints = self._catalogue.endpoints(value.path)
        if endpoints and not value.host and not any(argument.name in URL_KEYWORDS for _, argument in given.arguments):
            value = External(value.path, self._module_hosts.of(value.path, self._resolver.function(at.function), at.span))
        requests = [self._request(endpoint, value, given, at) for endpoint in endpoints]
        for endpoint, request in zip(endpoints, requests, strict=True):
            if self._holds(endpoint.requires, given):
                return [Target(request, given, _each_input(endpoint) if endpoint.surface == "pseudo-batch" else row)]
        posted = self._posted(value, given, at) if self._catalogue.canonical(value.path) in self._catalogue.http_calls else None
        if posted is not None:
            return [Target(posted, given, row)]
        if row is not None:
            return self._passed_on(value.path, given, row, at)
        return self._handed_over(value.path, given, at)

    def _passed_on(self, path: str, given: Passed, row: Repetition | Progress, at: At) -> list[Target]:
        """Return what `row` runs where it is handed a function that calls its own argument: `submit(context.run, ask, text)`."""
        rows = [inner for inner in self._catalogue.repetitions(path) if inner.items == "loop" and inner.per == "once" and not inner.starts]
        retry = self._catalogue.retry(path)
        position = rows[0].callable if rows else None if retry is None else retry.callable
        if position is None:
            return []
        rest = Passed(_after(given, position), unknown=given.unknown)
        return [target for value in self._callables(given, position, ()) for target in self.of(value, rest, row, at)]

    def _posted(self, value: External, given: Passed, at: At) -> Request | None:
        """Return the request that a raw HTTP call makes, if one of its arguments is a URL of a provider."""
        for scope, argument in given.arguments:
            if argument.star or argument.name not in (None, "url"):
                continue
            found = self._resolver.evaluate(argument.value, self._resolver.function(scope))
            for url in [known.value for known in self._resolver.everywhere(found) if isinstance(known, Text)]:
                posted = self._catalogue.posted(url) or (
                    self._catalogue.posted_to(value.host, url) if value.host and "://" not in url else None
                )
                if posted is not None:
                    return self._request(posted[0], External(value.path, posted[1]), given, at)
        return None

    def _handed_over(self, path: str, given: Passed, at: At) -> list[Target]:
        """Return what a call of a library function will run: the callables that it is given."""
        for repetition in self._catalogue.repetitions(path):
            if self._holds(repetition.requires, given):
                found = self._callables(given, repetition.callable, repetition.callable_keywords)
                after = _after(given, repetition.callable)
                rest = Passed(after) if repetition.items == "loop" else _each(after)
                return [target for value in found for target in self.of(value, rest, repetition, at)]
        progress = self._catalogue.progress(path)
        if progress is not None and progress.callable is not None:
            found = self._callables(given, progress.callable, progress.callable_keywords)
            return [target for value in found for target in self.of(value, Passed((), unknown=True), progress, at)]
        retry = self._catalogue.retry(path)
        if retry is not None and retry.callable is not None:
            found = self._callables(given, retry.callable, ())
            return [target for value in found for target in self.of(value, Passed(_after(given, retry.callable)), None, at)]
        return self._dispatched(path, given, at)

    def _dispatched(self, path: str, given: Passed, at: At) -> list[Target]:
        """Return what a thread or background task is started with."""
        for match in ("register", "keyword"):
            entry = self._catalogue.entry(match, path)
            if entry is not None and entry.waits == "unknown":
                found = self._callables(given, entry.argument, entry.keywords)
                rest = _after(given, entry.argument) if entry.argument is not None else ()
                return [target for value in found for target in self.of(value, Passed(rest, unknown=True), _START, at)]
        return []

    def _callables(self, given: Passed, position: int | None, keywords: Sequence[str]) -> Values:
        named = [(scope, argument) for scope, argument in given.arguments if argument.name is not None and argument.name in keywords]
        positional = [(scope, argument) for scope, argument in given.arguments if argument.name is None and not argument.star]
        if not named and position is not None and position < len(positional):
            named = [positional[position]]
        if not named:
            return ()
        scope, argument = named[0]
        return self._resolver.evaluate(argument.value, self._resolver.function(scope))

    def _holds(self, requires: Sequence[tuple[str, str]], given: Passed) -> bool:
        return all(str(self._keyword(given, name)) in value.split("|") for name, value in requires)

    def _keyword(self, given: Passed, name: str) -> object:
        for scope, argument in given.arguments:
            if argument.name == name:
                return constant(self._resolver, argument.value, self._resolver.function(scope))
        return None

    def _picked(self, given: Passed, tier: Tier) -> object:
        """Return what a request gives for the keyword of a tier, which may stand in a dict or object that is passed."""
        keyword, _, inner = tier.keyword.partition(".")
        if not inner:
            return self._keyword(given, keyword)
        for scope, argument in given.arguments:
            if argument.name == keyword:
                function = self._resolver.function(scope)
                value, function = definition(self._resolver, argument.value, function) or (argument.value, function)
                part = member(value, inner)
                return None if part is None else constant(self._resolver, part, function)
        return None

    def _request(self, endpoint: Endpoint, value: External, given: Passed, at: At) -> Request:
        traits = set()
        model = self._model(given)
        if endpoint.stream == "always" or (endpoint.stream and self._keyword(given, endpoint.stream) is True):
            traits.add("streaming")
        if endpoint.surface == "local" or value.host == "local" or (model is not None and model.local):
            traits.add("local")
        if value.host == "elsewhere":
            traits.add("elsewhere")
        tier = next((each for each in self._catalogue.tiers(endpoint.provider) if self._picked(given, each) == each.value), None)
        if value.host == "discounted" or (tier is not None and tier.discount):
            traits.add("discounted")
        if any(argument.name in endpoint.chain for _, argument in given.arguments if argument.name):
            traits.add("chained")
        provider = value.host if value.host in self._catalogue.providers else endpoint.provider
        if not value.host and model is not None and endpoint.provider in model.through:
            provider = model.provider
        return Request(endpoint, provider, frozenset(traits), at.function, at.span, tier)

    def _model(self, given: Passed) -> Model | None:
        """Return what is known of the model that a request names: one's own, or one of the only vendor that can be meant."""
        for scope, argument in given.arguments:
            if argument.name == "model":
                values = self._resolver.evaluate(argument.value, self._resolver.function(scope))
                found = [self._catalogue.model(value.value) for value in values if isinstance(value, Text)]
                own = next((model for model in found if model is not None and model.local), None)
                vendors = {None if model is None else model.provider for model in found}
                return own or (found[0] if len(vendors) == 1 else None)
        return None


def _chain(expr: Expr) -> list[str]:
    """Return what follows the client in a chain of attributes."""
    parts: list[str] = []
    while isinstance(expr, Attribute):
        parts.append(expr.attr)
        expr = expr.value
    return parts[::-1]


def _attributes(parameter: Parameter) -> list[str]:
    """Return the attributes that are taken of a parameter, none where anything else is taken as well."""
    steps = segments(parameter.path)
    return [step[1:] for step in steps] if all(step.startswith(".") for step in steps) else []


_START = Repetition(name="start", paths=(), items="loop", per="once", concurrent=True, starts=True)
"""What a thread or background task is: one run, begun and not waited for."""


def _each_input(endpoint: Endpoint) -> Repetition:
    """Return how a pseudo-batch repeats its request: once for each of its inputs."""
    return Repetition(
        name="pseudo-batch", paths=(), items="argument", per="item", concurrent=True, argument=endpoint.argument, keywords=endpoint.keywords
    )


def _after(given: Passed, position: int | None) -> tuple[tuple[str, Argument], ...]:
    """Return the arguments after the positional one at `position`, keywords included."""
    if position is None:
        return given.arguments
    found = []
    number = -1
    for scope, argument in given.arguments:
        if argument.name is None:
            number += 1
            if number > position:
                found.append((scope, argument))
        else:
            found.append((scope, argument))
    return tuple(found)


def _each(arguments: Iterable[tuple[str, Argument]]) -> Passed:
    """Return what one run gets of arguments that are iterated over."""
    each = [(scope, Argument(Element(argument.value))) for scope, argument in arguments if argument.name is None and not argument.star]
    return Passed(tuple(each), unknown=True)
