"""The catalogue: all rows about vendors and frameworks, indexed by path.

It is built once from `CatalogueData`, does not change, and answers by dictionary lookups. `loading` reads the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from surfacelint.catalogue.entry_rows import Entry, Match, UserInput
from surfacelint.catalogue.loading import Shelf, builtin, merge
from surfacelint.catalogue.name_hints import ComparisonHints, SmallCollectionHints
from surfacelint.catalogue.path_tables import Aliases, Row, Table, tabulated
from surfacelint.catalogue.posted_requests import posted_endpoint
from surfacelint.catalogue.provider_expansion import expanded
from surfacelint.catalogue.provider_rows import Endpoint, Host, Model, Provider, Tier
from surfacelint.catalogue.repetition_rows import Iteration, Limiter, Progress, Repetition, Retry
from surfacelint.catalogue.schema import CatalogueData
from surfacelint.catalogue.value_rows import Alias, Assembly, Decorated, Returns, StoringMethod
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Catalogue:
    """All rows, indexed. Methods take the path of a callee without the `()` of the call itself.

    - `needles`: the import roots of all providers with requests that can be on the wrong surface.
    - `mentions`: by such a root, words of which a file must contain one for the import to matter.
    - `http_needles`: the hosts that raw HTTP requests to providers name.
    - `packages`: the top-level packages of all rows.
    - `client_types`: the types that have endpoints.
    - `holders`: the types of collections and queries of objects.
    - `running_methods`: the methods of decorated functions that run them where they are called.
    - `assemblies`: the objects that run what is added to them, by the name of the method that adds.
    """

    needles: frozenset[str]
    mentions: Mapping[str, tuple[str, ...]]
    http_needles: tuple[str, ...]
    packages: frozenset[str]
    host_settings: frozenset[str]
    literal_calls: frozenset[str]
    whole_answers: frozenset[str]
    draws: frozenset[str]
    parse_errors: frozenset[str]
    failure_words: frozenset[str]
    session_methods: frozenset[str]
    placeholder_keys: frozenset[str]
    batch_blocks: frozenset[str]
    http_calls: frozenset[str]
    async_http_calls: frozenset[str]
    client_types: frozenset[str]
    holders: frozenset[str]
    running_methods: frozenset[str]
    assemblies: Mapping[str, Assembly]
    models: tuple[Model, ...]
    sweep: ComparisonHints
    handful: SmallCollectionHints
    hosts: tuple[Host, ...]
    providers: Mapping[str, Provider]
    _aliases: Aliases
    _endpoints: Table[Endpoint]
    _shapes: Mapping[tuple[str, str], Endpoint]
    _tiers: Mapping[str, tuple[Tier, ...]]
    _client_tiers: Mapping[str, tuple[Tier, ...]]
    _returns: Table[Returns]
    _decorated: Table[Decorated]
    _entries: Mapping[Match, tuple[Entry, ...]]
    _entry_paths: Mapping[Match, Table[Entry]]
    _progress: Table[Progress]
    _repetitions: Table[Repetition]
    _limiters: Table[Limiter]
    _retries: Table[Retry]
    _iterations: Table[Iteration]
    _inputs: Table[UserInput]
    _keeps: Table[StoringMethod]
    _assembled: Table[Assembly]

    @classmethod
    def load(cls, user: CatalogueData | None = None, shelf: Shelf | None = None) -> Catalogue:
        """Return the built-in catalogue with the user's rows added. For the same path, the user's row wins."""
        known = builtin(shelf)
        return _builtin_only() if user is None or user == CatalogueData() else cls.build(merge((user, known)))

    @classmethod
    def build(cls, data: CatalogueData) -> Catalogue:
        """Index `data`. Of several rows with the same path and the same `requires`, the first wins."""
        aliases = Aliases(_spellings(data.types))
        providers = expanded(data.providers)
        tiers = {name: tuple(tier for tier in data.tiers if tier.provider == name) for name in {tier.provider for tier in data.tiers}}
        entries = {match: tuple(row for row in data.entries if row.match == match) for match in {row.match for row in data.entries}}

        def table(rows: Iterable[Row], paths: Callable[[Row], Iterable[str]]) -> Table[Row]:
            return tabulated(aliases, ((path, row) for row in rows for path in paths(row)))

        return cls(
            needles=frozenset(root for provider in providers.values() if _matters(provider) for root in provider.imports),
            mentions={root: provider.mentions for provider in providers.values() if provider.mentions for root in provider.imports},
            http_needles=tuple(host.match for host in data.hosts if not host.local),
            packages=_packages(data, providers.values()),
            host_settings=frozenset(path for provider in providers.values() for path in provider.host_settings),
            literal_calls=frozenset(data.literal_calls),
            whole_answers=frozenset(data.whole_answers),
            draws=frozenset(data.draws),
            parse_errors=frozenset(data.parse_errors),
            failure_words=frozenset(data.failure_words),
            session_methods=frozenset(data.session_methods),
            placeholder_keys=frozenset(data.placeholder_keys),
            batch_blocks=frozenset(data.batch_blocks),
            http_calls=frozenset((*data.http_calls, *data.async_http_calls)),
            async_http_calls=frozenset(data.async_http_calls),
            client_types=frozenset(
                aliases.canonical(row.path.partition("()")[0] + "()")
                for provider in providers.values()
                for row in provider.endpoints
                if "()" in row.path
            ),
            holders=frozenset(aliases.canonical(row.value) for row in data.returns if row.holds),
            running_methods=frozenset(f"{row.of}.{method}" for row in data.decorated for method in row.runs),
            assemblies={row.add: row for row in data.assemblies},
            models=tuple(sorted(data.models, key=lambda model: -len(model.prefix))),
            sweep=data.sweep,
            handful=data.handful,
            hosts=tuple(sorted(data.hosts, key=lambda host: -len(host.match))),
            providers=providers,
            _aliases=aliases,
            _endpoints=table((row for provider in providers.values() for row in provider.endpoints), lambda row: (row.path,)),
            _shapes=_shapes(providers.values()),
            _tiers=tiers,
            _client_tiers={
                aliases.canonical(client.path): tiers[name]
                for name, provider in providers.items()
                if name in tiers
                for client in provider.clients
            },
            _returns=table(data.returns, lambda row: (row.path,)),
            _decorated=tabulated(aliases, ((path, row) for row in data.decorated for path in row.paths)),
            _entries=entries,
            _entry_paths={match: table(rows, lambda row: row.paths) for match, rows in entries.items()},
            _progress=table(data.progress, lambda row: row.paths),
            _repetitions=table(data.repetitions, lambda row: row.paths),
            _limiters=table(data.limiters, lambda row: row.paths),
            _retries=table(data.retries, lambda row: row.paths),
            _iterations=table(data.iterations, lambda row: row.paths),
            _inputs=table(data.inputs, lambda row: row.paths),
            _keeps=table(data.keeps, lambda row: row.paths),
            _assembled=tabulated(
                aliases, ((f"{path}.{method}", row) for row in data.assemblies for path in row.paths for method in row.runs)
            ),
        )

    def canonical(self, path: str) -> str:
        """Return the canonical spelling of `path`, by which rows are indexed."""
        return self._aliases.canonical(path)

    def provider(self, name: str) -> Provider:
        """Return the provider called `name`, with absolute endpoints."""
        return self.providers[name]

    def endpoints(self, path: str) -> tuple[Endpoint, ...]:
        """Return the endpoints at `path`, those with more `requires` first."""
        return self._endpoints.find(self.canonical(path))

    def shaped(self, tail: str, provider: str) -> Endpoint | None:
        """Return the provider's realtime endpoint whose path on a client is `tail` (`chat.completions.create`)."""
        return self._shapes.get((provider, tail))

    @property
    def endpoint_names(self) -> frozenset[str]:
        """The last names of all endpoints, of raw HTTP calls, and of functions that call their callable arguments."""
        paths = [endpoint.path for provider in self.providers.values() for endpoint in provider.endpoints]
        return frozenset(path.removesuffix("()").rpartition(".")[2] for path in (*paths, *self.http_calls, *self._handing_on))

    @property
    def last_names(self) -> frozenset[str]:
        """The last names of all rows that apply to a receiver of unknown type."""
        unknown = [tail for tail in self._handing_on if tail.startswith(("?", ".", "*")) or "(" not in tail]
        return frozenset(path.rpartition(".")[2] for path in (*unknown, *self.http_calls, *(tail for _, tail in self._shapes)))

    @property
    def _handing_on(self) -> list[str]:
        """The paths and tails of functions that call their callable arguments."""
        displays = (*self._progress.exact.items(), *self._progress.tails.items())
        mapping = [path for path, rows in displays if any(row.callable is not None for row in rows)]
        return [*self._repetitions.exact, *self._repetitions.tails, *mapping]

    def posted(self, url: str) -> tuple[Endpoint, str] | None:
        """Return the request that posting to `url` makes and the name of its provider, or `None` for an unknown host."""
        host = self.host(url)
        if host is None or host.local or host.provider not in self.providers:
            return None
        return self.posted_to(host.provider, url.partition(host.match)[2])

    def posted_to(self, provider: str, path: str) -> tuple[Endpoint, str] | None:
        """Return the request that posting to a URL path of a provider makes, and the provider's name."""
        endpoint = posted_endpoint(self.providers, provider, path)
        return None if endpoint is None else (endpoint, provider)

    def imported_by(self, roots: frozenset[str]) -> list[str]:
        """Return the names of the providers that a module with these import `roots` uses, the most likely one first."""
        found = [name for name, provider in self.providers.items() if not roots.isdisjoint(provider.imports)]
        return sorted(found, key=lambda name: (name not in self.providers[name].imports, name))

    def knows(self, path: str) -> bool:
        """Whether a path begins with an import root of a provider."""
        while path not in self.needles:
            path, dot, _ = path.rpartition(".")
            if not dot:
                return False
        return True

    def host(self, url: str) -> Host | None:
        """Return the host whose `match` is in a base URL, the longest if there are several."""
        return next((host for host in self.hosts if host.match in url), None)

    def model(self, name: str) -> Model | None:
        """Return the row with the longest prefix of a model's name."""
        return next((model for model in self.models if name.startswith(model.prefix)), None)

    def tiers(self, provider: str) -> tuple[Tier, ...]:
        """Return the price tiers of a provider."""
        return self._tiers.get(provider, ())

    def client_tiers(self, path: str) -> tuple[Tier, ...]:
        """Return the price tiers of the provider whose client the constructor at `path` makes."""
        return self._client_tiers.get(self.canonical(path), ())

    def returns(self, path: str) -> Returns | None:
        """Return the row for the value at `path` (an attribute, or a call with its `()`)."""
        return self._returns.first(self.canonical(path))

    def decorated(self, path: str) -> Decorated | None:
        """Return the row for functions under the decorator at `path`, called or not."""
        return self._decorated.first(self.canonical(path).removesuffix("()"))

    def entries(self, match: Match) -> tuple[Entry, ...]:
        """Return the entry rows with this `match`."""
        return self._entries.get(match, ())

    def entry(self, match: Match, path: str) -> Entry | None:
        """Return the first entry row with this `match` for `path`. A decorator matches called or not."""
        rows = self._entry_paths.get(match)
        if rows is None:
            return None
        path = self.canonical(path)
        return rows.first(path) or rows.first(path.removesuffix("()"))

    def progress(self, path: str) -> Progress | None:
        """Return the progress display that calling `path` creates."""
        return self._progress.first(self.canonical(path))

    def repetitions(self, path: str) -> tuple[Repetition, ...]:
        """Return the repetitions that calling `path` may be, those with more `requires` first."""
        return self._repetitions.find(self.canonical(path))

    def repetition(self, path: str) -> Repetition | None:
        """Return the first of the repetitions that calling `path` may be."""
        return self._repetitions.first(self.canonical(path))

    def limiter(self, path: str) -> Limiter | None:
        """Return the row of the concurrency limiter that calling `path` creates."""
        return self._limiters.first(self.canonical(path))

    def retry(self, path: str) -> Retry | None:
        """Return the retry helper at `path`."""
        return self._retries.first(self.canonical(path))

    def iteration(self, path: str) -> Iteration | None:
        """Return what a loop over the result of calling `path` iterates over."""
        return self._iterations.first(self.canonical(path))

    def user_input(self, path: str) -> UserInput | None:
        """Return the row of `path` if calling it waits for a person's next message."""
        return self._inputs.first(self.canonical(path))

    def runs_parts(self, path: str) -> bool:
        """Whether the method at `path` runs the parts that were added to its object."""
        return self._assembled.first(self.canonical(path)) is not None

    def keeps(self, path: str) -> bool:
        """Whether the method at `path` stores its arguments in its receiver."""
        return self._keeps.first(self.canonical(path)) is not None


def _spellings(types: Iterable[Alias]) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for row in types:
        for path in row.paths:
            spellings.setdefault(path, row.of)
    return spellings


@cache
def _builtin_only() -> Catalogue:
    """Return the catalogue of the built-in rows, built once per process."""
    return Catalogue.build(builtin())


def _shapes(providers: Iterable[Provider]) -> dict[tuple[str, str], Endpoint]:
    """Return realtime endpoints by provider and path after the client, if that path identifies them."""
    found: dict[tuple[str, str], Endpoint] = {}
    for provider in providers:
        for endpoint in provider.endpoints:
            tail = endpoint.path.rpartition(")")[2].removeprefix(".")
            if endpoint.surface == "realtime" and endpoint.mode == "sync" and ")" in endpoint.path and ("." in tail or endpoint.tells):
                found.setdefault((provider.name, tail), endpoint)
    return found


def _packages(data: CatalogueData, providers: Iterable[Provider]) -> frozenset[str]:
    paths = [root for provider in providers for root in provider.imports]
    paths += [path for alias in data.types for path in alias.paths]
    paths += [path for row in data.decorated for path in row.paths]
    paths += [path for row in data.entries for path in row.paths]
    paths += [path for row in data.progress for path in row.paths]
    paths += [path for row in data.repetitions for path in row.paths]
    tops = {path.partition(".")[0].partition("(")[0] for path in paths}
    return frozenset(top for top in tops if top.isidentifier() and top != "builtins")


def _matters(provider: Provider) -> bool:
    """Whether a request to a provider can be on the wrong surface. Requests to the user's own hardware cannot."""
    return any(
        endpoint.surface in ("batch-submit", "batch-wait", "pseudo-batch")
        or (endpoint.surface == "realtime" and bool(endpoint.batch or endpoint.list_input))
        for endpoint in provider.endpoints
    )
