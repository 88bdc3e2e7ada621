"""Runs the LLM requests of a loop as batches of the provider. Written by surfacelint; the file is yours to edit.

    batch = BatchRun()
    for review in batch.passes(reviews):
        with batch.item():
            summaries.append(summarise(review))  # sends its request through `batchable(client)`

The loop runs in passes. The first one is a rehearsal: each item runs, without output, up to its request, which is noted and not
sent. All noted requests then become batches, and the program waits for them. In the last pass the loop runs as it always did, and
its requests are answered from the batches. So whatever an item does before its request must be repeatable. A request that failed
raises the exception of the SDK where it is sent. Loops inside of an item join its run. The log has the ids of all batches.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import inspect
import json
import logging
import re
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

_T = TypeVar("_T")
_Bar = Callable[[Iterable[int]], Iterable[Any]]
_Sleep = Callable[[float], Any]
_Answer = tuple[int, Any]  # HTTP status and body
_log = logging.getLogger(__name__)
_make_record = logging.getLogRecordFactory()
_current: ContextVar[BatchRun | None] = ContextVar("current", default=None)
_open: list[BatchRun] = []  # the runs of all items that are at work
ENDPOINT = re.compile("/(responses|messages|(chat/|fim/)?completions|embeddings|moderations)$|:generateContent$")
ACCOUNT = ("host", "authorization", "api-key", "x-api-key", "x-goog-api-key", "openai-organization", "openai-project", "anthropic-beta")


class _EndOfRehearsal(BaseException):
    """Leaves an item of a rehearsal. Not an `Exception`, so that the code around a request does not handle it."""


class Request(NamedTuple):
    """A request as it goes into a batch. `account` has the headers that a batch needs, too; `key` is equal for equal requests."""

    client: Any
    is_async: bool
    account: dict[str, str]
    endpoint: str
    body: dict[str, Any]
    size: int
    key: str


class BatchRun:
    """The requests of one loop. `stages` is how many requests an item sends one after the other, each with the answer to the one before.

    Requests that failed are submitted again, up to `attempts` times, for code that would try them again.
    """

    def __init__(self, stages: int = 1, attempts: int = 1) -> None:
        self._stages, self._attempts, self._stage = stages, attempts, 0
        self._has_left = self._is_stopped = False
        self._noted: list[Request] = []
        self._answers: defaultdict[str, list[_Answer]] = defaultdict(list)
        self._used: Counter[str] = Counter()  # number of answers that this pass has used, by key
        self._trail: list[str] = []  # the keys of these answers
        self._lock, self._thread = threading.Lock(), threading.get_ident()

    @property
    def is_last_pass(self) -> bool:
        """Whether requests are answered, and not only noted."""
        run = _active() or self
        return run._stage == run._stages

    def last_pass_only(self) -> None:
        """End the rehearsal of an item: what follows runs once, in the last pass."""
        if not self.is_last_pass:
            raise _EndOfRehearsal

    def stop(self) -> None:
        """End the pass: no further items."""
        self._is_stopped = True

    def passes(self, items: Iterable[_T], bar: _Bar = iter, resetting: Iterable[Any] = ()) -> Iterator[_T]:
        """Yield all items in each pass. `bar` wraps an iterable, and shows how far the batches are.

        The containers in `resetting` get back their content before each pass.
        """
        for items_of_pass in self._passes(list(items), resetting):
            yield from items_of_pass
            _finish(self._submit(time.sleep, bar), self._noted)

    # [async]
    async def async_passes(self, items: Any, bar: _Bar = iter, resetting: Iterable[Any] = ()) -> AsyncIterator[Any]:
        """Yield all items in each pass, for `async for`. `items` may be asynchronous, too."""
        for items_of_pass in self._passes([each async for each in items] if hasattr(items, "__aiter__") else list(items), resetting):
            for item in items_of_pass:
                yield item
            await self._submit(asyncio.sleep, bar)

    # [end]
    @contextlib.contextmanager
    def item(self) -> Iterator[None]:
        """Run one item. A rehearsal leaves it at the request, and ends altogether at an exception, which the last pass then raises."""
        before, outer = _current.get(), _active()
        run = outer or self
        _current.set(run)
        _open.append(run)
        if not run.is_last_pass:
            _Quiet.install()
        try:
            yield
        except BaseException as error:
            rest = error.split(_EndOfRehearsal)[1] if hasattr(error, "split") else error  # of a group of exceptions
            if rest is None or isinstance(rest, _EndOfRehearsal):
                self._has_left = True
            elif outer or run.is_last_pass or not isinstance(rest, (Exception, SystemExit)):
                raise
            else:
                self._is_stopped = True
        finally:
            _open.remove(run)
            _current.set(before)

    def _passes(self, items: list[_T], resetting: Iterable[Any]) -> Iterator[Iterator[_T]]:
        """Yield the items of each pass. A run inside of an item has one pass, which is part of the outer run's."""
        outer, kept = _active(), [(each, each.copy()) for each in resetting]
        for stage in range(1 if outer else self._stages + 1):
            self._stage, self._has_left, self._is_stopped = stage, False, False
            self._used.clear()
            self._trail.clear()
            for container, content in kept:
                container.clear()
                (container.extend if hasattr(container, "extend") else container.update)(content)
            yield (item for item in items if not self._is_stopped)
        self.leave()

    def leave(self) -> None:
        """End the rehearsal of the item around this run, if one of the items of this run ended before."""
        if self._has_left:
            raise _EndOfRehearsal

    async def answer(self, request: Request) -> _Answer:
        """Return the answer to a request. A rehearsal notes the request and leaves the item. A new one in the last pass gets a batch."""
        with self._lock:
            answers, number = self._answers[request.key], self._used[request.key]
            self._used[request.key] += 1
            self._trail.append(request.key)
            if number < len(answers):
                return answers[number]
            if not self.is_last_pass:
                self._noted.append(request)
        if request.is_async and not self.is_last_pass:
            for seconds in (0 if len(self._noted) > 1 else 0.05, 0, 0):  # until other requests of the item are noted, too
                await asyncio.sleep(seconds)
        self.last_pass_only()
        [(_, answer)] = await _answers([request], asyncio.sleep if request.is_async else time.sleep, iter)
        answers.append(answer)
        return answer

    async def _submit(self, sleep: _Sleep, bar: _Bar) -> None:
        """Submit the noted requests, then those that failed and are tried again, until all have their answers."""
        turn = 0
        while self._noted:
            requests, self._noted, turn = self._noted, [], turn + 1
            for request, (status, body) in await _answers(requests, sleep, bar):
                self._answers[request.key].append((status, body))
                tries = self._attempts * (1 + getattr(request.client, "max_retries", 0) * _is_transient(status))
                if status >= 400 and turn < tries:
                    self._noted.append(request)


# [prepared]
@contextlib.contextmanager
def prepared(function: Callable[[_T], Any], items: Iterable[_T], stages: int = 1, attempts: int = 1, bar: _Bar = iter) -> Iterator[None]:
    """Answer the requests that `function` sends for each of `items` from batches, which are made before the block runs."""
    run, outer = BatchRun(stages, attempts), _active()
    start = len(outer._trail) if outer else 0
    for item in run.passes(items, bar):
        if run.is_last_pass:
            break
        with run.item():
            function(item)
    while outer and len(outer._trail) > start:  # the block sends the same requests
        outer._used[outer._trail.pop()] -= 1
    with run.item():
        yield
    run.leave()


# [async_prepared]
@contextlib.asynccontextmanager
async def async_prepared(
    function: Callable[[Any], Any], items: Any, stages: int = 1, attempts: int = 1, bar: _Bar = iter
) -> AsyncIterator[None]:
    """Do the same for a function that returns an awaitable."""
    run, outer = BatchRun(stages, attempts), _active()
    start = len(outer._trail) if outer else 0
    async for item in run.async_passes(items, bar):
        if run.is_last_pass:
            break
        with run.item():
            await function(item)
    while outer and len(outer._trail) > start:  # the block sends the same requests
        outer._used[outer._trail.pop()] -= 1
    with run.item():
        yield
    run.leave()


# [end]
def batchable(client: _T) -> _T:
    """Return a client whose requests the active run answers; while no run is active, `client` itself."""
    made: Any = client
    # [openai]
    if inspect.ismodule(made) and _active():  # `openai`, whose functions share a client
        made = made._load_client()
    # [end]
    provider = _provider(made)
    if (run := _active()) is None or provider is None:
        if run:
            run.last_pass_only()
        return client
    kept = vars(made)
    kept["_batchable"] = kept.get("_batchable") or provider.wrapped(made)
    return cast(_T, kept["_batchable"])


def pause(seconds: float) -> None:
    """Sleep between realtime requests. Those of an active run need no pauses."""
    if _active() is None:
        time.sleep(seconds)


def _active() -> BatchRun | None:
    """Return the run of the item that this code is part of. Other threads are part of the latest one."""
    elsewhere = [run for run in _open if run._thread != threading.get_ident()]
    return _current.get() or (elsewhere[-1] if elsewhere else None)


def _is_rehearsal() -> bool:
    return (run := _active()) is not None and not run.is_last_pass


class _Quiet:
    """A stream without what rehearsals write."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return len if name == "write" and _is_rehearsal() else getattr(self._stream, name)

    @classmethod
    def install(cls) -> None:
        """Drop what rehearsals print and log, whatever other tasks and threads do."""
        if not isinstance(sys.stdout, cls):
            sys.stdout, sys.stderr = cast(Any, cls(sys.stdout)), cast(Any, cls(sys.stderr))
            logging.setLogRecordFactory(_record)


def _record(name: str, level: int, *arguments: Any, **named: Any) -> logging.LogRecord:
    return _make_record(name, -1 if _is_rehearsal() else level, *arguments, **named)  # no handler takes level -1


def _carrier(client: Any, http_client: Any, is_async: bool) -> Any:
    """Return a client of the HTTP library that an SDK uses. The active run takes its requests, and makes responses of the answers."""
    names = [base.__module__.partition(".")[0] for base in type(http_client).__mro__]
    library = sys.modules[next(name for name in names if name.startswith("httpx"))]
    if is_async:
        return library.AsyncClient(transport=library.MockTransport(lambda http: _respond(client, True, library, http)))
    return library.Client(transport=library.MockTransport(lambda http: _finish(_respond(client, False, library, http))))


async def _respond(client: Any, is_async: bool, library: Any, http: Any) -> Any:
    run, endpoint, model = _active(), ENDPOINT.search(http.url.path), re.search("/(deployments|models)/([^/:]+)", http.url.path)
    body = json.loads(http.content) if endpoint else {}
    if run is None or endpoint is None or body.get("stream"):  # can only be realtime
        if run:
            run.last_pass_only()
        return await _value(
            library.AsyncHTTPTransport().handle_async_request(http) if is_async else library.HTTPTransport().handle_request(http)
        )
    path = endpoint[0] if model else f"/v1{endpoint[0]}"
    if model:
        body["model"] = model[2]
    account = {name: value for name, value in http.headers.items() if name in ACCOUNT}
    text = f"{account} {path} {json.dumps(body, sort_keys=True, ensure_ascii=False)}".encode()
    status, answer = await run.answer(Request(client, is_async, account, path, body, len(text) + 100, hashlib.sha256(text).hexdigest()))
    headers = {"retry-after-ms": "1", "x-should-retry": "true" if _is_transient(status) else "false"}
    return library.Response(status, json=answer, headers=headers, request=http)


def _is_transient(status: int) -> bool:
    """Whether a request is worth another try. One that a batch left without an answer has status 504."""
    return status in (408, 409, 429) or (status >= 500 and status != 504)


async def _answers(requests: list[Request], sleep: _Sleep, bar: _Bar) -> list[tuple[Request, _Answer]]:
    """Submit requests in as few batches as the limits allow, and wait until all have ended. Raises `TimeoutError`."""
    batches = []
    for part in _parts(requests):
        batch = _provider(part[0].client).batch(part)
        batches.append((part, batch, await batch.__anext__()))
        _log.info("submitted batch %s with %d requests", batches[-1][2], len(part))
    found: list[tuple[Request, _Answer]] = []
    ticks, start = iter(bar(range(len(requests)))), time.monotonic()
    for part, batch, name in batches:
        shown, seconds = 0, 1.0
        async for step in batch:  # how many requests have ended; at last all answers
            shown += len(list(islice(ticks, (len(part) if isinstance(step, list) else step) - shown)))
            if isinstance(step, list):
                found += zip(part, step, strict=True)
            elif time.monotonic() - start > 3600 * _provider(part[0].client).hours:
                raise TimeoutError(f"batch {name} has not ended in time")
            else:
                await _value(sleep(seconds))
                seconds = min(2 * seconds, 60.0)
    next(ticks, None)
    return found


def _parts(requests: list[Request]) -> Iterable[list[Request]]:
    """Divide requests into batches, within the limits."""
    parts: list[list[Request]] = []
    latest: dict[str, tuple[list[Request], int, int]] = {}  # a part, and how many inputs and bytes it has
    for request in requests:
        provider, inputs = _provider(request.client), request.body.get("input")
        group = f"{request.account} {request.endpoint} {provider.has_one_model and request.body.get('model')}"
        count = len(inputs) if isinstance(inputs, list) and request.endpoint.endswith("embeddings") else 1
        part, inputs_so_far, size = latest.get(group, ([], 0, 0))
        if not part or inputs_so_far + count > provider.most_requests or size + request.size > provider.most_bytes:
            part, inputs_so_far, size = [], 0, 0
            parts.append(part)
        part.append(request)
        latest[group] = part, inputs_so_far + count, size + request.size
    return parts


async def _value(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def _finish(work: Coroutine[Any, Any, _T], requests: Iterable[Request] = ()) -> _T:
    """Run a coroutine. It never waits if the clients of its requests are synchronous."""
    if any(request.is_async for request in requests):
        return asyncio.run(work)
    try:
        work.send(None)
    except StopIteration as done:
        return cast(_T, done.value)
    raise RuntimeError("an asynchronous client needs `async_passes` or `async_prepared`")


def _lost(batch: str, state: str, problem: str | None = None) -> _Answer:
    """Return the answer to a request that has no result."""
    message = f"batch {batch} {state}: {problem or 'no answer to this request'}"
    return 400 if state == "failed" else 504, {"error": {"message": message, "type": "batch_error"}}


# [anthropic groq openai together]
def _wrapped(client: Any) -> Any:
    """Return a copy of a client that sends its requests to the active run."""
    return client.with_options(http_client=_carrier(client, client._client, inspect.iscoroutinefunction(client.close)))


# [groq mistral openai together]
def _lines(requests: list[Request]) -> bytes:
    """Return the file of a batch."""
    lines = [
        {"custom_id": f"request-{number}", "method": "POST", "url": request.endpoint, "body": request.body}
        for number, request in enumerate(requests)
    ]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()


def _results(content: bytes) -> dict[str, _Answer]:
    """Read the answers in a file of results or errors."""
    entries = [json.loads(line) for line in content.splitlines()]
    responses = [entry.get("response") or {"status_code": 504, "body": {"error": entry.get("error")}} for entry in entries]
    return {entry["custom_id"]: (found["status_code"], found["body"]) for entry, found in zip(entries, responses, strict=True)}


# [groq openai together]
async def _polled(requests: list[Request], name: str) -> AsyncIterator[Any]:
    client, state = requests[0].client, ""
    yield name
    while state not in ("completed", "failed", "expired", "cancelled"):
        batch = await _value(client.batches.retrieve(name))
        counts, state = getattr(batch, "request_counts", None), batch.status.lower()
        yield sum(getattr(counts, name, None) or 0 for name in ("completed", "failed"))
    found: dict[str, _Answer] = {}
    for file in filter(None, (batch.output_file_id, batch.error_file_id)):
        found |= _results(await _value((await _value(client.files.content(file))).read()))
    errors = getattr(batch, "errors", None)
    problem = "; ".join(str(each.message) for each in errors.data or ()) if errors else getattr(batch, "error", None)
    yield [found.get(f"request-{number}", _lost(name, state, problem)) for number in range(len(requests))]


# [groq openai]
async def _openai(requests: list[Request]) -> AsyncIterator[Any]:
    client, endpoint = requests[0].client, requests[0].endpoint
    file = await _value(client.files.create(file=("requests.jsonl", _lines(requests)), purpose="batch"))
    batch = await _value(client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h"))
    async for step in _polled(requests, batch.id):
        yield step


# [together]
async def _together(requests: list[Request]) -> AsyncIterator[Any]:
    client, endpoint = requests[0].client, requests[0].endpoint
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "requests.jsonl")
        path.write_bytes(_lines(requests))
        file = await _value(client.files.upload(path, purpose="batch-api", check=False))
    created = await _value(client.batches.create(input_file_id=file.id, endpoint=endpoint))
    async for step in _polled(requests, created.job.id):
        yield step


# [anthropic]
_ANTHROPIC_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


async def _anthropic(requests: list[Request]) -> AsyncIterator[Any]:
    batches, beta = requests[0].client.messages.batches, requests[0].account.get("anthropic-beta")
    bodies = [{"custom_id": f"request-{number}", "params": request.body} for number, request in enumerate(requests)]
    batch = await _value(batches.create(requests=bodies, extra_headers={"anthropic-beta": beta} if beta else None))
    yield batch.id
    while batch.processing_status != "ended":
        batch = await _value(batches.retrieve(batch.id))
        yield len(requests) - batch.request_counts.processing
    found, entries = {}, await _value(batches.results(batch.id))
    for entry in [each async for each in entries] if hasattr(entries, "__aiter__") else entries:
        if entry.result.type == "succeeded":
            found[entry.custom_id] = 200, entry.result.message.to_dict(mode="json")
        elif entry.result.type == "errored":
            error = {"type": entry.result.error.error.type, "message": entry.result.error.error.message}
            body = {"type": "error", "error": error, "request_id": getattr(entry.result.error, "request_id", None)}
            found[entry.custom_id] = _ANTHROPIC_STATUS.get(error["type"], 500), body
        else:
            found[entry.custom_id] = _lost(batch.id, entry.result.type)
    yield [found.get(f"request-{number}", _lost(batch.id, "ended")) for number in range(len(requests))]


# [mistral]
def _wrapped_mistral(client: Any) -> Any:
    settings = client.sdk_configuration
    http, async_http = (_carrier(client, settings.client, is_async) for is_async in (False, True))
    made = type(client)(server_url=settings.server_url, client=http, async_client=async_http)
    made.sdk_configuration.security = settings.security
    return made


async def _mistral(requests: list[Request]) -> AsyncIterator[Any]:
    client, suffix, model = requests[0].client, "_async" if requests[0].is_async else "", requests[0].body["model"]
    upload, download = getattr(client.files, f"upload{suffix}"), getattr(client.files, f"download{suffix}")
    create, get = getattr(client.batch.jobs, f"create{suffix}"), getattr(client.batch.jobs, f"get{suffix}")
    file = await _value(upload(file={"file_name": "requests.jsonl", "content": _lines(requests)}, purpose="batch"))
    job = await _value(create(input_files=[file.id], model=model, endpoint=requests[0].endpoint))
    yield job.id
    while job.status not in ("SUCCESS", "FAILED", "TIMEOUT_EXCEEDED", "CANCELLED"):
        job = await _value(get(job_id=job.id))
        yield job.completed_requests
    found: dict[str, _Answer] = {}
    for name in filter(None, (job.output_file, job.error_file)):
        content = await _value(download(file_id=name))
        found |= _results(await content.aread() if suffix else content.read())
    problem = "; ".join(error.message for error in job.errors or ())
    yield [found.get(f"request-{number}", _lost(job.id, job.status.lower(), problem)) for number in range(len(requests))]


# [google]
_GOOGLE_STATUS = {
    1: (499, "CANCELLED"),
    3: (400, "INVALID_ARGUMENT"),
    4: (504, "DEADLINE_EXCEEDED"),
    5: (404, "NOT_FOUND"),
    7: (403, "PERMISSION_DENIED"),
    8: (429, "RESOURCE_EXHAUSTED"),
    14: (503, "UNAVAILABLE"),
    16: (401, "UNAUTHENTICATED"),
}


def _wrapped_google(client: Any) -> Any:
    api = client._api_client
    http, async_http = (_carrier(client, api._httpx_client, is_async) for is_async in (False, True))
    options = api._http_options.model_copy(update={"httpx_client": http, "httpx_async_client": async_http})
    return type(client)(api_key=api.api_key, http_options=options)


async def _google(requests: list[Request]) -> AsyncIterator[Any]:
    batches, sources, state = requests[0].client.aio.batches if requests[0].is_async else requests[0].client.batches, [], ""
    for number, request in enumerate(requests):
        rest = {name: value for name, value in request.body.items() if name not in ("model", "contents", "generationConfig")}
        config = {**request.body.get("generationConfig", {}), **rest}
        sources.append({"contents": request.body["contents"], "config": config, "metadata": {"key": f"request-{number}"}})
    job = await _value(batches.create(model=requests[0].body["model"], src=sources))
    yield job.name
    while state not in ("succeeded", "failed", "cancelled", "expired", "partially_succeeded"):
        job = await _value(batches.get(name=job.name))
        state, counts = job.state.name.removeprefix("JOB_STATE_").lower(), job.completion_stats
        yield (counts.successful_count or 0) + (counts.failed_count or 0) if counts else 0
    found = {}
    for number, result in enumerate((job.dest.inlined_responses if job.dest else None) or ()):
        key = (result.metadata or {}).get("key", f"request-{number}")
        if result.response:
            found[key] = 200, result.response.model_dump(mode="json", by_alias=True, exclude_none=True)
        elif result.error:
            code, status = _GOOGLE_STATUS.get(result.error.code, (500, "INTERNAL"))
            found[key] = code, {"error": {"code": code, "message": result.error.message, "status": status}}
    problem = job.error.message if job.error else ""
    yield [found.get(f"request-{number}", _lost(job.name, state, problem)) for number in range(len(requests))]


# [end]
class _Provider(NamedTuple):
    """How batches of a provider are made, and their limits: requests (or inputs), bytes, models, and hours until they have ended."""

    batch: Callable[[list[Request]], AsyncIterator[Any]]
    wrapped: Callable[[Any], Any]
    most_requests: int = 50_000
    most_bytes: int = 200_000_000
    has_one_model: bool = True
    hours: int = 26


_PROVIDERS = {
    "openai": _Provider(_openai, _wrapped),  # [openai]
    "groq": _Provider(_openai, _wrapped, most_bytes=100_000_000),  # [groq]
    "together": _Provider(_together, _wrapped, most_bytes=100_000_000),  # [together]
    "anthropic": _Provider(_anthropic, _wrapped, 100_000, 256_000_000, has_one_model=False),  # [anthropic]
    "mistralai": _Provider(_mistral, _wrapped_mistral, 100_000, 512_000_000),  # [mistral]
    "google.genai": _Provider(_google, _wrapped_google, most_bytes=20_000_000, hours=50),  # [google]
}


def _provider(client: Any) -> Any:
    """Return the provider of a client; `None` if it is not one of these."""
    modules = [base.__module__ for base in type(client).__mro__]
    return next((each for sdk, each in _PROVIDERS.items() if any(name.startswith(f"{sdk}.") for name in modules)), None)
