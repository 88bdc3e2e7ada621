"""The schema of the catalogue's data files: which tables there are, and the row type of each.

Rows name APIs by a *path* in Python's spelling: `openai.OpenAI().chat.completions.create` is an attribute chain on the
result of calling `openai.OpenAI`. `()` is the result of a call. `[]` is an item of a value, or an element of iterating
over it. A path that begins with `*` (`*.progress_apply`) matches its remainder on any receiver.
"""

from __future__ import annotations

from dataclasses import field

from surfacelint.catalogue.entry_rows import Entry, UserInput
from surfacelint.catalogue.name_hints import ComparisonHints, SmallCollectionHints
from surfacelint.catalogue.provider_rows import Host, Model, Provider, Tier
from surfacelint.catalogue.repetition_rows import Iteration, Limiter, Progress, Repetition, Retry
from surfacelint.catalogue.value_rows import Alias, Assembly, Decorated, Returns, StoringMethod
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class CatalogueData:
    """All rows of one or more data files, in order. The metadata `key` is the name of a field in the files.

    - `literal_calls`: calls whose literal first argument is part of the path: `boto3.client('bedrock')`.
    - `http_calls`: calls that send a raw HTTP request to a URL among their arguments. `async_http_calls` are awaited or entered.
    - `whole_answers`: methods of a stream that wait for its end and return all of it.
    - `batch_blocks`: context managers inside of which requests are answered from batches.
    - `placeholder_keys`: texts that stand for a key where a server needs none, in lower case.
    - `draws`: functions that return something else at random each time.
    - `parse_errors`: names of exceptions raised when a text does not have the requested format.
    - `session_methods`: methods of database sessions that no container has.
    - `failure_words`: parts of names of variables that count failures.
    """

    providers: tuple[Provider, ...] = field(default=(), metadata={"key": "provider"})
    hosts: tuple[Host, ...] = field(default=(), metadata={"key": "host"})
    models: tuple[Model, ...] = field(default=(), metadata={"key": "model"})
    tiers: tuple[Tier, ...] = field(default=(), metadata={"key": "tier"})
    returns: tuple[Returns, ...] = ()
    types: tuple[Alias, ...] = field(default=(), metadata={"key": "type"})
    decorated: tuple[Decorated, ...] = ()
    literal_calls: tuple[str, ...] = ()
    http_calls: tuple[str, ...] = ()
    async_http_calls: tuple[str, ...] = ()
    whole_answers: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    parse_errors: tuple[str, ...] = ()
    failure_words: tuple[str, ...] = ()
    session_methods: tuple[str, ...] = ()
    placeholder_keys: tuple[str, ...] = ()
    batch_blocks: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = field(default=(), metadata={"key": "entry"})
    progress: tuple[Progress, ...] = ()
    repetitions: tuple[Repetition, ...] = field(default=(), metadata={"key": "repetition"})
    limiters: tuple[Limiter, ...] = field(default=(), metadata={"key": "limiter"})
    retries: tuple[Retry, ...] = field(default=(), metadata={"key": "retry"})
    iterations: tuple[Iteration, ...] = field(default=(), metadata={"key": "iteration"})
    inputs: tuple[UserInput, ...] = field(default=(), metadata={"key": "input"})
    keeps: tuple[StoringMethod, ...] = field(default=(), metadata={"key": "keep"})
    assemblies: tuple[Assembly, ...] = field(default=(), metadata={"key": "assembly"})
    sweep: ComparisonHints = field(default_factory=ComparisonHints)
    handful: SmallCollectionHints = field(default_factory=SmallCollectionHints)
