"""What a call may run: first-party functions, requests or parameters, directly or through a library that is passed a callable."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import Endpoint, Model, Tier
from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.facts.expressions import Attribute, Call, Element, Expr, Name, Span
from surfacelint.linking.calls.argument_values import CallArguments, after, each_argument, unpacked
from surfacelint.linking.calls.module_hosts import ModuleHosts
from surfacelint.linking.evaluation.abstract_values import (
    Bound,
    Class,
    External,
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
    WrittenContainer,
    segments,
)
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.library_paths import URL_KEYWORDS
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, imported_roots
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Request:
    """A call that resolves to an endpoint, with facts from its arguments and its client.

    `provider` is the name of the provider that answers: the endpoint's, or the one behind the client's `base_url`. `traits` are a subset
    of `streaming`, `local`, `discounted` (already at batch price), `elsewhere` (an unknown host) and `chained` (continues an earlier
    response). `tier` is the price tier that an argument selects. `posted` requests are raw HTTP.
    `otherwise` is the provider that answers if the model is the default of an option of the program.
    """

    endpoint: Endpoint
    provider: str
    traits: frozenset[str]
    function: str
    span: Span
    tier: Tier | None = None
    posted: bool = False
    otherwise: str = ""


@record(frozen=True, slots=True)
class Target:
    """What a call site may run: a first-party function, a request, or whatever is passed for a parameter.

    `row` is set if the site passes it to a library function that runs it, many times or later. `receiver` is the receiver of a method,
    `bound` what a closure captured: the values of parameters of the functions around it. A request is this one only for the value
    `library` of the callee, and if `models` has names, for these models.
    """

    callee: FunctionNode | Request | Parameter
    given: PassedArguments
    row: Repetition | Progress | None = None
    receiver: Instance | None = None
    bound: Bound = ()
    library: External | None = None
    models: tuple[str, ...] = ()

    def binds(self, parameter: Parameter) -> bool:
        """Whether the callee is a closure that captured a known value for a parameter."""
        return any(each == parameter.whole for each, _ in self.bound)


@record(frozen=True, slots=True)
class CallPlace:
    """The function and the position of a call, and whether it is awaited."""

    function: str
    span: Span
    awaited: bool = False


class TargetFinder:
    """Finds the targets of calls."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._guessable = catalogue.last_names
        self._http_methods = frozenset(path.rpartition(".")[2] for path in catalogue.http_calls)
        self._running = frozenset(method for row in catalogue.assemblies.values() for method in row.runs)
        self.names = catalogue.endpoint_names
        self._inert: dict[str, bool] = {}
        self._arguments = CallArguments(resolver, catalogue)
        self._module_hosts = ModuleHosts(resolver, catalogue)

    def of(self, value: Value, given: PassedArguments, row: Repetition | Progress | None, place: CallPlace) -> list[Target]:
        """Return the targets of a call of `value` with the arguments `given`; `row` is the library function that makes the call, if any."""
        resolver = self._resolver
        match value:
            case Function(id=id_, bound=bound):
                function = resolver.function(id_)
                started = None if row is not None else self._started_by_call(function)
                if started is not None and started.items != "loop":
                    given = each_argument(given.arguments)
                return [Target(function, given, row or started, bound=bound)]
            case Method(id=id_, receiver=receiver):
                skipped = PassedArguments(given.arguments, given.skip + 1, given.unknown)
                return [Target(resolver.function(id_), skipped, row, receiver if isinstance(receiver, Instance) else None)]
            case Class(id=id_):
                made = PassedArguments(given.arguments, given.skip + 1, given.unknown)
                return [Target(function, made, row) for function in resolver.class_attributes.constructors(id_)]
            case Instance():
                called = resolver.class_attributes.attribute(value, "__call__")
                return [target for method in called for target in self.of(method, given, row, place)]
            case Partial(function=inner, arguments=arguments, scope=scope):
                both = PassedArguments((*((scope, argument) for argument in arguments), *given.arguments), given.skip, given.unknown)
                return self.of(inner, both, row, place)
            case Parameter():
                shaped = self._shaped(_attributes(value), value.name, (value,), given, row, place, resolver.function(value.id))
                return shaped or [Target(value, given, row)]
            case Task(id=id_, path=path):
                return self._task(id_, path, given, row)
            case External():
                return self._external(value, given, row, place)
            case _:
                return []

    def is_inert(self, value: Value) -> bool:
        """Whether no call of a value can lead to a request, whatever its arguments: true for most library functions."""
        if not isinstance(value, External):
            return isinstance(value, Text | Items | WrittenContainer | Module)
        known = self._inert.get(value.path)
        if known is None:
            rows = self._catalogue
            display = rows.progress(value.path)
            callbacks = rows.repetition(value.path), rows.retry(value.path), None if display is None else display.callable
            started = rows.entry("register", value.path), rows.entry("keyword", value.path)
            posts = rows.canonical(value.path) in rows.http_calls
            known = not posts and not rows.endpoints(value.path) and all(row is None for row in (*callbacks, *started))
            self._inert[value.path] = known
        return known

    def assembled(self, call: Call, values: Values, function: FunctionNode, place: CallPlace) -> list[Target]:
        """Return what the parts run of an object that runs what was added to it, such as a pipeline."""
        callee = call.function
        if not isinstance(callee, Attribute) or callee.attr not in self._running:
            return []
        resolver = self._resolver
        if not any(isinstance(value, External) and self._catalogue.runs_parts(value.path) for value in resolver.everywhere(values)):
            return []
        methods = resolver.everywhere(resolver.evaluate(Attribute(Element(callee.value), callee.attr), function))
        found = [target for method in methods for target in self.of(method, PassedArguments((), unknown=True), None, place)]
        return [each for each in found if not isinstance(each.callee, Request) or not each.callee.endpoint.takes_list]

    def guessed(self, call: Call, given: PassedArguments, values: Values, function: FunctionNode, place: CallPlace) -> list[Target]:
        """Return the targets of a method of an unknown receiver, if the imports of the module leave no doubt."""
        if not isinstance(call.function, Attribute) or call.function.attr not in self._guessable or not self._is_unknown(values):
            return []
        found = self._shaped(_chain(call.function), _owner(call.function), values, given, None, place, function)
        if found:
            return found
        path = f"?.{call.function.attr}"
        imported = imported_roots(function.module)
        rows = [row for row in self._catalogue.repetitions(path) if not row.root or row.root in imported]
        return self._callback_targets(path, given, place) if rows or self._catalogue.progress(path) is not None else []

    def _shaped(
        self,
        names: list[str],
        owner: str,
        values: Values,
        given: PassedArguments,
        row: Repetition | Progress | None,
        place: CallPlace,
        scope: FunctionNode,
    ) -> list[Target]:
        """Return the request that a chain of attributes (`names`) of an unknown value, called `owner`, looks like.

        `….chat.completions.create`, in a module that imports the SDK, is taken for a call of the SDK; a post to the URL of a provider
        is a request. Nothing is guessed if callers are known to pass something else.
        """
        if not names or names[-1] not in self._guessable or not self._is_unknown(values):
            return []
        asks = names[-1] in self._http_methods and not _is_cache(names[-2] if len(names) > 1 else owner)
        posted = self._posted(External(f"?.{names[-1]}"), given, place) if asks else None
        if posted is not None:
            return [Target(posted, given, row)]
        for provider in self._catalogue.imported_by(imported_roots(scope.module)):
            for start in range(len(names)):
                endpoint = self._catalogue.shaped(".".join(names[start:]), provider)
                # One name alone is not enough, unless a keyword argument is typical of the endpoint.
                if endpoint is not None and (start < len(names) - 1 or any(each.name in endpoint.tells for _, each in given.arguments)):
                    endpoint = replace(endpoint, mode="async") if place.awaited else endpoint
                    return self._requests(endpoint, External(endpoint.path), given, row, place)
        return []

    def _is_unknown(self, values: Values) -> bool:
        """Whether a receiver is unknown: a parameter without known callers, or an attribute that is set from outside."""
        known = self._resolver.everywhere(values)
        return not any(not isinstance(value, External) or self._is_telling(value) for value in known)

    def _is_telling(self, value: External) -> bool:
        head = value.path.partition("(")[0]
        if head.startswith("builtins."):
            return head.count(".") < 2  # the module does not define the name
        return self._catalogue.repetition(value.path) is not None or self._catalogue.knows(head)

    def _started_by_call(self, function: FunctionNode) -> Repetition | None:
        """Return the row of a decorator under which a plain call of the function only starts it, or maps it over its arguments."""
        made = self._resolver.decorators.type_of(function)
        return self._catalogue.repetition(f"{made}.__call__") if made else None

    def _task(self, id_: str, path: str, given: PassedArguments, row: Repetition | Progress | None) -> list[Target]:
        function = self._resolver.function(id_)
        if row is not None:
            return [Target(function, given, row)]
        made = self._catalogue.returns(f"{path}()")
        if made is not None and made.value == "receiver":
            return []  # it only sets options
        rows = self._catalogue.repetitions(f"{path}.__call__" if path.endswith(")") else path)
        if not rows:
            return [Target(function, given)] if path.endswith(")") or path in self._catalogue.running_methods else []
        each = given if rows[0].items == "loop" else each_argument(given.arguments)
        return [Target(function, each, rows[0])]

    def _external(self, value: External, given: PassedArguments, row: Repetition | Progress | None, place: CallPlace) -> list[Target]:
        endpoints = self._catalogue.endpoints(value.path)
        if endpoints and not value.host and not any(argument.name in URL_KEYWORDS for _, argument in given.arguments):
            value = External(value.path, self._module_hosts.of(value.path, self._resolver.function(place.function), place.span))
        for endpoint in endpoints:
            if self._arguments.meet(endpoint.requires, given):
                row = _each_input(endpoint) if endpoint.surface == "pseudo-batch" else row
                return self._requests(endpoint, value, given, row, place)
        posted = self._posted(value, given, place) if self._catalogue.canonical(value.path) in self._catalogue.http_calls else None
        if posted is not None:
            return [Target(posted, given, row)]
        if row is not None:
            return self._forwarded(value.path, given, row, place)
        return self._callback_targets(value.path, given, place)

    def _forwarded(self, path: str, given: PassedArguments, row: Repetition | Progress, place: CallPlace) -> list[Target]:
        """Return what `row` runs if it is passed a function that calls its own argument: `submit(context.run, ask, text)`."""
        rows = [inner for inner in self._catalogue.repetitions(path) if inner.items == "loop" and inner.per == "once" and not inner.starts]
        retry = self._catalogue.retry(path)
        position = rows[0].callable if rows else None if retry is None else retry.callable
        if position is None:
            return []
        rest = PassedArguments(after(given, position), unknown=given.unknown)
        return [target for value in self._arguments.callables(given, position, ()) for target in self.of(value, rest, row, place)]

    def _posted(self, value: External, given: PassedArguments, place: CallPlace) -> Request | None:
        """Return the request of a plain HTTP call, if one of its arguments is a URL of a provider."""
        for scope, argument in given.arguments:
            if argument.star or argument.name not in (None, "url"):
                continue
            found = self._resolver.evaluate(argument.value, self._resolver.function(scope))
            for url in [known.value for known in self._resolver.everywhere(found) if isinstance(known, Text)]:
                posted = self._catalogue.posted(url) or (
                    self._catalogue.posted_to(value.host, url) if value.host and "://" not in url else None
                )
                if posted is not None:
                    is_async = place.awaited or self._catalogue.canonical(value.path) in self._catalogue.async_http_calls
                    endpoint = replace(posted[0], mode="async") if is_async else posted[0]
                    return replace(self._request(endpoint, External(value.path, posted[1]), given, place, None), posted=True)
        return None

    def _callback_targets(self, path: str, given: PassedArguments, place: CallPlace) -> list[Target]:
        """Return what a library function runs: the callables among its arguments."""
        for repetition in self._catalogue.repetitions(path):
            if self._arguments.meet(repetition.requires, given):
                found = self._arguments.callables(given, repetition.callable, repetition.callable_keywords)
                if repetition.method:
                    found = tuple([each for value in found for each in self._method(value, repetition.method)])
                others = after(given, repetition.callable)
                rest = PassedArguments(others) if repetition.items == "loop" else each_argument(others)
                return [target for value in found for target in self.of(value, rest, repetition, place)]
        progress = self._catalogue.progress(path)
        if progress is not None and progress.callable is not None:
            found = self._arguments.callables(given, progress.callable, progress.callable_keywords)
            return [target for value in found for target in self.of(value, PassedArguments((), unknown=True), progress, place)]
        retry = self._catalogue.retry(path)
        if retry is not None and retry.callable is not None:
            found = self._arguments.callables(given, retry.callable, ())
            return [target for value in found for target in self.of(value, PassedArguments(after(given, retry.callable)), None, place)]
        return self._started(path, given, place)

    def _method(self, value: Value, name: str) -> Values:
        """Return the method that a library runs on an object that it is passed, or on an instance of a class; a function itself."""
        if not isinstance(value, Instance | Class):
            return (value,)
        owner = value if isinstance(value, Instance) else Instance(value.id, exact=True)
        return self._resolver.class_attributes.attribute(owner, name)

    def _started(self, path: str, given: PassedArguments, place: CallPlace) -> list[Target]:
        """Return what a thread or background task runs."""
        for match in ("register", "keyword"):
            entry = self._catalogue.entry(match, path)
            if entry is not None and entry.waits == "unknown":
                found = self._arguments.callables(given, entry.argument, entry.keywords)
                rest = after(given, entry.argument) if entry.argument is not None else ()
                rest += tuple(unpacked(given, entry.packed))
                return [target for value in found for target in self.of(value, PassedArguments(rest, unknown=True), _START, place)]
        return []

    def _requests(
        self, endpoint: Endpoint, value: External, given: PassedArguments, row: Repetition | Progress | None, place: CallPlace
    ) -> list[Target]:
        """Return the requests of a call of an endpoint: two if the model may be a local or a hosted one."""
        return [
            Target(self._request(endpoint, value, given, place, model), given, row, library=value, models=names)
            for model, names in self._arguments.models(given)
        ]

    def _request(self, endpoint: Endpoint, value: External, given: PassedArguments, place: CallPlace, model: Model | None) -> Request:
        traits = set()
        shared, _, chosen = (self._resolver.clients.host(given) or value.host).partition("=")
        host = "" if chosen else shared
        if endpoint.stream == "always" or (endpoint.stream and self._arguments.keyword(given, endpoint.stream) is True):
            traits.add("streaming")
        if endpoint.surface == "local" or host == "local" or (model is not None and model.local):
            traits.add("local")
        if host == "elsewhere":
            traits.add("elsewhere")
        tier = self._tier(endpoint, given, chosen if shared == "tier" else "")
        helps = self._catalogue.provider(endpoint.provider).role == "batch-helper" and endpoint.surface == "realtime"
        if helps or host == "discounted" or (tier is not None and tier.discount):
            traits.add("discounted")
        if any(argument.name in endpoint.chain for _, argument in given.arguments if argument.name):
            traits.add("chained")
        provider, otherwise = (host if host in self._catalogue.providers else endpoint.provider), ""
        if not host:
            of_client = self._catalogue.model(chosen) if shared.startswith("model") else None
            is_default = shared == "model?" if of_client is not None else self._arguments.is_default_model(given)
            named = of_client or model
            sdks = {endpoint.provider, self._catalogue.provider(endpoint.provider).batch_of}
            if named is not None and not sdks.isdisjoint(named.through):
                provider, otherwise = (provider, named.provider) if is_default else (named.provider, "")
        return Request(endpoint, provider, frozenset(traits), place.function, place.span, tier, otherwise=otherwise)

    def _tier(self, endpoint: Endpoint, given: PassedArguments, of_client: str) -> Tier | None:
        """Return the price tier that a request selects, or else that of its client."""
        tiers = self._catalogue.tiers(endpoint.provider)
        own = next((tier for tier in tiers if self._arguments.tier_value(given, tier) == tier.value), None)
        return own or next((tier for tier in tiers if of_client and tier.value == of_client), None)


def _chain(expr: Expr) -> list[str]:
    """Return the attributes after the client in a chain: `["chat", "completions", "create"]`."""
    parts: list[str] = []
    while isinstance(expr, Attribute):
        parts.append(expr.attr)
        expr = expr.value
    return parts[::-1]


def _owner(expr: Expr) -> str:
    """Return the name with which a chain of attributes begins, empty for another expression."""
    while isinstance(expr, Attribute):
        expr = expr.value
    return expr.id if isinstance(expr, Name) else ""


def _is_cache(name: str) -> bool:
    """Whether an unknown object is a cache: what is asked of it by a URL was asked before, or is sent by code of its own."""
    return "cache" in name.lower()


def _attributes(parameter: Parameter) -> list[str]:
    """Return the attributes on the path of a parameter, none if the path has other steps too."""
    steps = segments(parameter.path)
    return [step[1:] for step in steps] if all(step.startswith(".") for step in steps) else []


_START = Repetition(name="start", paths=(), items="loop", per="once", concurrent=True, starts=True)
"""A thread or background task: one run that is started and not awaited."""


def _each_input(endpoint: Endpoint) -> Repetition:
    """Return the repetition of a pseudo-batch: one request for each of its inputs."""
    return Repetition(
        name="pseudo-batch", paths=(), items="argument", per="item", concurrent=True, argument=endpoint.argument, keywords=endpoint.keywords
    )
