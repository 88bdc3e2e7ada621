"""Runs the LLM requests of a loop as batches of the provider. Written by surfacelint; the file is yours to edit.

    batch = BatchRun()
    for review in batch.passes(reviews):
        with batch.item():
            summaries.append(summarise(review))  # sends its request through `batchable(client)`

The loop runs in passes. The first one is a rehearsal: each item runs, without output, up to its request, which is noted and not
sent. All noted requests become batches, and the program waits for them. In the last pass the loop runs as it always did, and its
requests are answered from the batches. So whatever an item does before its request must be repeatable. A request that failed raises
the exception of the SDK where it is sent. Loops inside of an item are part of the outer loop's passes. If the loop ends with an
exception, the log has the ids of its batches.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
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
_Answer = tuple[int, Any]  # HTTP status and body; the status is 504 if a batch ended without an answer
_current: ContextVar[BatchRun | None] = ContextVar("current", default=None)
_open: list[BatchRun] = []  # the runs of all items that are at work
TRANSIENT = {408, 409, 429, *range(500, 600)} - {504}  # what SDKs try again
ACCOUNT = ("host", "authorization", "api-key", "x-api-key", "x-goog-api-key", "openai-organization", "openai-project", "anthropic-beta")


class _EndOfRehearsal(BaseException):
    """Leaves an item of a rehearsal. Not an `Exception`, so that the code around a request does not handle it."""


class Request(NamedTuple):
    """A request as it goes into a batch. `account` has the headers that tell senders apart; `key` is equal for equal requests."""

    client: Any
    is_async: bool
    account: dict[str, str]
    endpoint: str
    body: dict[str, Any]
    size: int
    key: str


class BatchRun:
    """The requests of a loop. `stages` is how many an item sends, one after the other, each with the answer to the one before it.

    Requests that fail are submitted again, up to `attempts` times, for code that tries them again.
    """

    def __init__(self, stages: int = 1, attempts: int = 1) -> None:
        self._stages, self._attempts, self._stage, self._has_left, self._is_stopped = stages, attempts, 0, False, False
        self._noted: list[Request] = []
        self._names: list[str] = []  # of batches
        self._answers: defaultdict[str, list[_Answer]] = defaultdict(list)
        self._used: Counter[str] = Counter()  # how many answers this pass has used
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
        """End the pass of the innermost loop: no further items."""
        self._is_stopped = True

    # [passes prepared]
    def passes(self, items: Iterable[_T], bar: _Bar = iter, resetting: Iterable[Any] = ()) -> Iterator[_T]:
        """Yield all items in each pass. `bar` shows how far the batches are. Containers in `resetting` begin each pass as they are now."""
        outer = _active()
        for each_pass in self._passes(items, resetting, outer):
            yield from each_pass
            if outer is None:
                _finish(self._submit(time.sleep, bar), any(each.is_async for each in self._noted))

    # [async_passes async_prepared]
    async def async_passes(self, items: Any, bar: _Bar = iter, resetting: Iterable[Any] = ()) -> AsyncIterator[Any]:
        """Yield all items in each pass, for `async for`. `items` may be asynchronous."""
        outer = _active()
        for each_pass in self._passes([each async for each in items] if hasattr(items, "__aiter__") else items, resetting, outer):
            for item in each_pass:
                yield item
            if outer is None:
                await self._submit(asyncio.sleep, bar)

    # [end]
    @contextlib.contextmanager
    def item(self) -> Iterator[None]:
        """Run one item. A rehearsal leaves it at the request, and ends altogether at an exception, which the last pass then raises."""
        before, outer = _current.get(), _active()
        run = outer or self
        _current.set(run)
        _open.append(run)
        if not isinstance(sys.stdout, _Quiet):
            sys.stdout, sys.stderr = cast(Any, _Quiet(sys.stdout)), cast(Any, _Quiet(sys.stderr))
        try:
            yield
        except BaseException as error:
            rest = error.split(_EndOfRehearsal)[1] if hasattr(error, "split") else error  # of a group of exceptions
            is_end = rest is None or isinstance(rest, _EndOfRehearsal)
            if not is_end and (outer or run.is_last_pass or not isinstance(rest, (Exception, SystemExit))):
                self._warn()
                raise
            self._has_left, self._is_stopped = True, not is_end
        finally:
            _open.remove(run)
            _current.set(before)

    def _passes(self, items: Iterable[_T], resetting: Iterable[Any], outer: BatchRun | None) -> Iterator[Iterator[_T]]:
        listed: list[_T] = []
        failure, kept = None, [(each, each.copy()) for each in resetting]
        try:
            listed.extend(items)
        except Exception as error:  # which has to come after the items before it
            failure = error
        for stage in range(1 if outer else self._stages + 1):
            self._has_left = self._is_stopped = False
            if outer is None:
                self._stage, self._used, self._trail = stage, Counter(), []
            for container, content in kept:
                container.clear()
                (container.extend if hasattr(container, "extend") else container.update)(content)
            yield (item for item in listed if not self._is_stopped)
        is_stopped, self._is_stopped = self._is_stopped, False  # a loop around this one goes on
        if self._has_left:  # and needs the answers, too
            raise _EndOfRehearsal
        if failure and not is_stopped:
            raise failure

    async def answer(self, request: Request) -> _Answer:
        """Return the answer to a request. A rehearsal notes it and leaves the item; a new one in the last pass gets a batch of its own."""
        with self._lock:
            answers, number = self._answers[request.key], self._used[request.key]
            self._used[request.key] += 1
            self._trail.append(request.key)
            if number < len(answers):
                return answers[number]
            if not self.is_last_pass:
                self._noted.append(request)
        # [async_passes async_prepared]
        if request.is_async and not self.is_last_pass:  # let the item send the other requests that it sends at the same time
            for seconds in (0 if len(self._noted) > 1 else 0.05, 0, 0):
                await asyncio.sleep(seconds)
        # [end]
        self.last_pass_only()
        [(_, answer)] = await _answers([request], asyncio.sleep if request.is_async else time.sleep, iter, self._names)
        answers.append(answer)
        return answer

    async def _submit(self, sleep: Callable[[float], Any], bar: _Bar) -> None:
        """Submit the noted requests, then those that failed and are tried again."""
        turn = 0
        while self._noted:
            requests, self._noted, turn = self._noted, [], turn + 1
            try:
                answered = await _answers(requests, sleep, bar, self._names)
            except BaseException:
                self._warn()
                raise
            for request, answer in answered:
                self._answers[request.key].append(answer)
                retries = getattr(request.client, "max_retries", 0) if answer[0] in TRANSIENT else 0
                if answer[0] >= 400 and turn < self._attempts * (1 + retries):
                    self._noted.append(request)

    def _warn(self) -> None:
        if self._names:
            logging.getLogger(__name__).warning("answers may be left in batches %s", ", ".join(self._names))


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
    if run._has_left:
        raise _EndOfRehearsal


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
    if run._has_left:
        raise _EndOfRehearsal


# [end]
def batchable(client: _T) -> _T:
    """Return a client whose requests the active run answers; while no run is active, `client` itself."""
    run, made = _active(), cast(Any, client)
    if run is None:
        return client
    made = made._load_client() if inspect.ismodule(made) else made  # that of `openai.chat`, `openai.responses` …  # [azure openai]
    provider = _provider(made)
    if provider is None:  # a realtime request
        run.last_pass_only()
        return client
    if "_batchable" not in vars(made):
        vars(made)["_batchable"] = provider.wrapped(made)
    return cast(_T, vars(made)["_batchable"])


# [end_rehearsal]
def end_rehearsal() -> None:
    """End the rehearsal of an item here, if there is one: what follows runs once, in the last pass."""
    run = _active()
    if run is not None:
        run.last_pass_only()


# [pause]
def pause(seconds: float) -> None:
    """Sleep between realtime requests. Those of an active run need no pauses."""
    if _active() is None:
        time.sleep(seconds)


# [end]
def _active() -> BatchRun | None:
    """Return the run of the item that this code is part of. Other threads are part of the latest one."""
    elsewhere = [run for run in _open if run._thread != threading.get_ident()]
    return _current.get() or (elsewhere[-1] if elsewhere else None)


def _is_rehearsed() -> bool:
    return (run := _active()) is not None and not run.is_last_pass


class _Quiet:
    """Standard output without what rehearsals print."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return len if name == "write" and _is_rehearsed() else getattr(self._stream, name)


_record = logging.getLogRecordFactory()
logging.setLogRecordFactory(
    lambda name, level, *rest, **more: _record(name, -1 if _is_rehearsed() else level, *rest, **more)
)  # -1: dropped


def _http(client: Any, like: Any, is_async: bool) -> Any:
    """Return an HTTP client `like` that of an SDK, without a network: the SDK makes requests and reads responses as it always does."""
    library = sys.modules[next(root for base in type(like).__mro__ if (root := base.__module__.partition(".")[0]) in ("httpx", "httpx2"))]
    respond = functools.partial(_respond, client, is_async, library)
    transport = library.MockTransport(respond if is_async else lambda http: _finish(respond(http)))
    return (library.AsyncClient if is_async else library.Client)(transport=transport)


_ENDPOINTS = "/(responses|messages|((chat|fim)/)?completions|embeddings|moderations|ocr)$|:generateContent$"


async def _respond(client: Any, is_async: bool, library: Any, http: Any) -> Any:
    run, path = _active(), re.search(_ENDPOINTS, http.url.path)
    body, model = json.loads(http.content) if path else {}, re.search("/(deployments|models)/([^/:]+)", http.url.path)
    if run is None or path is None or body.get("stream"):  # a realtime request
        (run or BatchRun(stages=0)).last_pass_only()
        network = library.AsyncHTTPTransport().handle_async_request if is_async else library.HTTPTransport().handle_request
        return await _value(network(http))
    body, endpoint = {**body, "model": model[2]} if model else body, path[0] if model else f"/v1{path[0]}"
    account = {name: value for name, value in http.headers.items() if name in ACCOUNT}
    text = f"{account} {endpoint} {json.dumps(body, sort_keys=True, ensure_ascii=False)}".encode()
    key = hashlib.sha256(text).hexdigest()
    status, answer = await run.answer(Request(client, is_async, account, endpoint, body, len(text) + 99, key))
    headers = {"content-type": "application/json", "retry-after-ms": "1", "x-should-retry": str(status in TRANSIENT).lower()}
    return library.Response(status, content=json.dumps(answer), headers=headers, request=http)


async def _answers(requests: list[Request], sleep: Callable[[float], Any], bar: _Bar, names: list[str]) -> list[tuple[Request, _Answer]]:
    """Submit requests in as few batches as the limits allow, and wait until all have ended. Raises `TimeoutError`."""
    batches, found, ticks = [], [], iter(bar(range(len(requests))))
    for part in _parts(requests):
        steps = _provider(part[0].client).steps(part)
        batches.append((part, steps, await steps.__anext__()))
        names.append(batches[-1][2])
        logging.getLogger(__name__).debug("submitted batch %s with %d requests", names[-1], len(part))
    start = time.monotonic()
    for part, steps, name in batches:
        shown, seconds = 0, 1.0
        async for done, answers, end in steps:
            shown += len(list(islice(ticks, done - shown)))
            if end:
                lost = 400 if end.startswith("failed") else 504, {"error": {"message": f"batch {name} {end}", "type": "batch_error"}}
                found += [(request, answers.get(f"request-{number}", lost)) for number, request in enumerate(part)]
            elif time.monotonic() - start > 3600 * _provider(part[0].client).hours:
                raise TimeoutError(f"batch {name} has not ended in time")
            else:
                await _value(sleep(seconds))
                seconds = min(2 * seconds, 60.0)
    next(ticks, None)
    return found


def _parts(requests: list[Request]) -> Iterable[list[Request]]:
    """Divide requests into batches, within the limits."""
    parts: dict[tuple[str, int], list[Request]] = {}
    latest: dict[str, tuple[int, int, int]] = {}  # number of a part, with its inputs and bytes
    for request in requests:
        provider, texts = _provider(request.client), request.body.get("input")
        group = f"{request.account} {request.endpoint} {provider.has_one_model and request.body.get('model')}"
        count = len(texts) if isinstance(texts, list) and request.endpoint.endswith("/embeddings") else 1
        number, inputs, size = latest.get(group, (0, 0, 0))
        if inputs and (inputs + count > provider.most_requests or size + request.size > provider.most_bytes):
            number, inputs, size = number + 1, 0, 0
        parts.setdefault((group, number), []).append(request)
        latest[group] = number, inputs + count, size + request.size
    return parts.values()


async def _value(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def _finish(work: Coroutine[Any, Any, _T], is_async: bool = False) -> _T:
    """Run a coroutine, which waits for nothing unless a client is asynchronous."""
    if is_async:
        return asyncio.run(work)
    try:
        work.send(None)
    except StopIteration as done:
        return cast(_T, done.value)
    raise RuntimeError("an asynchronous client needs `async_passes` or `async_prepared`")


class _Provider:
    """Batches of a provider: their limits, and the hours until they have to have ended."""

    most_requests, most_bytes, has_one_model, hours = 50_000, 200_000_000, True, 26

    @staticmethod
    def wrapped(client: Any) -> Any:
        """Return a copy of a client without a network."""
        return client.with_options(http_client=_http(client, client._client, inspect.iscoroutinefunction(client.close)))

    def opened(self, client: Any) -> Any:
        """Return a client, or a copy of one that its user has closed."""
        return client.with_options(http_client=type(client._client)()) if client.is_closed() else client


# [azure groq openai together]
class _OpenAI(_Provider):
    async def created(self, client: Any, data: bytes, endpoint: str) -> Any:
        file = await _value(client.files.create(file=("requests.jsonl", data), purpose="batch"))
        return await _value(client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h"))

    async def steps(self, requests: list[Request]) -> AsyncIterator[Any]:
        """Yield the id of a batch, then how many requests are done, and at last the answers with how the batch ended."""
        client, endpoint = self.opened(requests[0].client), requests[0].endpoint
        found: dict[str, _Answer] = {}
        lines = [{"custom_id": f"request-{n}", "method": "POST", "url": endpoint, "body": each.body} for n, each in enumerate(requests)]
        batch = await self.created(client, "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode(), endpoint)
        yield batch.id
        while batch.status.lower() not in ("completed", "failed", "expired", "cancelled"):
            batch = await _value(client.batches.retrieve(batch.id))
            yield getattr(getattr(batch, "request_counts", None), "completed", 0), found, ""
        for file in filter(None, (batch.output_file_id, batch.error_file_id)):
            for entry in map(json.loads, (await _value((await _value(client.files.content(file))).read())).splitlines()):
                response = entry.get("response") or {"status_code": 504, "body": {"error": entry.get("error")}}
                found[entry["custom_id"]] = response["status_code"], response["body"]
        problem = getattr(batch, "errors", None) or getattr(batch, "error", None)
        yield len(requests), found, f"{batch.status.lower()}: {problem or 'no answer to this request'}"


# [groq]
class _Groq(_OpenAI):
    most_bytes = 100_000_000


# [together]
class _Together(_OpenAI):
    most_bytes = 100_000_000

    async def created(self, client: Any, data: bytes, endpoint: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "requests.jsonl")
            path.write_bytes(data)
            file = await _value(client.files.upload(path, purpose="batch-api", check=False))
        return (await _value(client.batches.create(input_file_id=file.id, endpoint=endpoint))).job


# [anthropic]
class _Anthropic(_Provider):
    most_requests, most_bytes, has_one_model = 100_000, 256_000_000, False

    async def steps(self, requests: list[Request]) -> AsyncIterator[Any]:
        """Yield the id of a batch, then how many requests are done, and at last the answers with how the batch ended."""
        batches, beta = self.opened(requests[0].client).messages.batches, requests[0].account.get("anthropic-beta")
        found: dict[str, _Answer] = {}
        bodies = [{"custom_id": f"request-{number}", "params": request.body} for number, request in enumerate(requests)]
        batch = await _value(batches.create(requests=bodies, extra_headers={"anthropic-beta": beta} if beta else None))
        yield batch.id
        while batch.processing_status != "ended":
            batch = await _value(batches.retrieve(batch.id))
            yield len(requests) - batch.request_counts.processing, found, ""
        entries = await _value(batches.results(batch.id))
        for entry in [each async for each in entries] if hasattr(entries, "__aiter__") else entries:
            if entry.result.type == "succeeded":
                found[entry.custom_id] = 200, entry.result.message.to_dict(mode="json")
            elif entry.result.type == "errored":
                error = {"type": entry.result.error.error.type, "message": entry.result.error.error.message}
                body = {"type": "error", "error": error, "request_id": getattr(entry.result.error, "request_id", None)}
                found[entry.custom_id] = _ERRORS.get(error["type"], 500), body
        yield len(requests), found, "ended: no answer to this request"


_ERRORS = {"invalid_request_error": 400, "authentication_error": 401, "permission_error": 403, "not_found_error": 404}
_ERRORS |= {"request_too_large": 413, "rate_limit_error": 429, "timeout_error": 504, "overloaded_error": 529}


# [mistral]
class _Mistral(_Provider):
    most_requests, most_bytes = 10_000, 512_000_000

    @staticmethod
    def wrapped(client: Any) -> Any:
        settings = client.sdk_configuration
        http, async_http = (_http(client, settings.client, is_async) for is_async in (False, True))
        made = type(client)(server_url=settings.server_url, client=http, async_client=async_http)
        made.sdk_configuration.security = settings.security
        return made

    async def steps(self, requests: list[Request]) -> AsyncIterator[Any]:
        """Yield the id of a batch, then how many requests are done, and at last the answers with how the batch ended."""
        jobs, model, endpoint = requests[0].client.batch.jobs, requests[0].body["model"], requests[0].endpoint
        found: dict[str, _Answer] = {}
        create, get = (jobs.create_async, jobs.get_async) if requests[0].is_async else (jobs.create, jobs.get)
        bodies = [{name: value for name, value in request.body.items() if name != "model"} for request in requests]
        lines = [{"custom_id": f"request-{number}", "body": body} for number, body in enumerate(bodies)]
        job = await _value(create(endpoint=endpoint, model=model, requests=lines))
        yield job.id
        while job.status not in ("SUCCESS", "FAILED", "TIMEOUT_EXCEEDED", "CANCELLED"):
            job = await _value(get(job_id=job.id, inline=True))
            yield job.completed_requests, found, ""
        for entry in job.outputs or ():
            response = entry.get("response") or {"status_code": 504, "body": {"error": entry.get("error")}}
            found[entry["custom_id"]] = response["status_code"], response["body"]
        problem = "; ".join(error.message for error in job.errors or ())
        yield len(requests), found, f"{job.status.lower()}: {problem or 'no answer to this request'}"


# [gemini]
class _Gemini(_Provider):
    most_bytes, hours = 20_000_000, 50

    @staticmethod
    def wrapped(client: Any) -> Any:
        api = client._api_client
        http, async_http = (_http(client, api._httpx_client, is_async) for is_async in (False, True))
        options = api._http_options.model_copy(update={"httpx_client": http, "httpx_async_client": async_http})
        made = sys.modules["google.genai"].Client(api_key=api.api_key, http_options=options)
        return made if hasattr(client, "aio") else made.aio

    async def steps(self, requests: list[Request]) -> AsyncIterator[Any]:
        """Yield the id of a batch, then how many requests are done, and at last the answers with how the batch ended."""
        client, sources, state = requests[0].client, [], ""
        found: dict[str, _Answer] = {}
        batches = getattr(client, "aio", client).batches if requests[0].is_async else client.batches
        for number, request in enumerate(requests):
            settings = {name: value for name, value in request.body.items() if name not in ("model", "contents", "generationConfig")}
            settings |= request.body.get("generationConfig", {})
            sources.append({"contents": request.body["contents"], "config": settings, "metadata": {"key": f"request-{number}"}})
        job = await _value(batches.create(model=requests[0].body["model"], src=sources))
        yield job.name
        while state not in ("succeeded", "failed", "cancelled", "expired", "partially_succeeded"):
            job = await _value(batches.get(name=job.name))
            state = job.state.name.removeprefix("JOB_STATE_").lower()
            yield 0, found, ""
        for number, result in enumerate((job.dest.inlined_responses if job.dest else None) or ()):
            key = (result.metadata or {}).get("key", f"request-{number}")
            if result.response:
                found[key] = 200, result.response.model_dump(mode="json", by_alias=True, exclude_none=True)
            elif result.error:
                code, status = _CODES.get(result.error.code, (500, "INTERNAL"))
                found[key] = code, {"error": {"code": code, "message": result.error.message, "status": status}}
        yield len(requests), found, f"{state}: {job.error.message if job.error else 'no answer to this request'}"


_CODES = {1: (499, "CANCELLED"), 3: (400, "INVALID_ARGUMENT"), 4: (504, "DEADLINE_EXCEEDED"), 5: (404, "NOT_FOUND")}
_CODES |= {7: (403, "PERMISSION_DENIED"), 8: (429, "RESOURCE_EXHAUSTED"), 14: (503, "UNAVAILABLE"), 16: (401, "UNAUTHENTICATED")}


# [end]
_PROVIDERS: dict[str, Any] = {
    "openai": _OpenAI(),  # [azure openai]
    "groq": _Groq(),  # [groq]
    "together": _Together(),  # [together]
    "anthropic": _Anthropic(),  # [anthropic]
    "mistralai": _Mistral(),  # [mistral]
    "google.genai": _Gemini(),  # [gemini]
}


def _provider(client: Any) -> Any:
    """Return the provider of a client; `None` if it is another one."""
    modules = [base.__module__ for base in type(client).__mro__]
    return next((each for sdk, each in _PROVIDERS.items() if any(name.startswith(f"{sdk}.") for name in modules)), None)
