"""Runs the LLM requests of a loop as batches of the provider. Written by surfacelint; the file is yours to edit.

    batch = BatchRun()
    for review in batch.passes(reviews):
        with batch.item():
            summaries.append(summarise(review))  # sends its request through `batchable(client)`

The loop runs in passes. The first one is a rehearsal: each item runs, without output, up to its request, which is noted and not
sent. All noted requests then become batches, and the program waits for them. In the last pass the loop runs as it always did, and
its requests are answered from the batches. So whatever an item does before its request must be repeatable. A request that failed
raises the exception of the SDK where it is sent. One run is active at a time; loops inside of an item join it.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import logging
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar, cast

MOST_REQUESTS, MOST_BYTES = 50_000, 190_000_000  # of one batch
DEADLINE = 26 * 3600.0  # seconds until a batch must have ended
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two looks at a batch

_T = TypeVar("_T")
_Bar = Callable[[Iterable[int]], Iterable[Any]]
_Sleep = Callable[[float], Awaitable[None]]
_log = logging.getLogger(__name__)
_active: BatchRun | None = None


class _EndOfRehearsal(BaseException):
    """Leaves an item of a rehearsal. Not an `Exception`, so that the code around a request does not handle it."""


class Request(NamedTuple):
    """A request, as it goes into a batch."""

    client: Any
    endpoint: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """Equal for equal requests."""
        return f"{self.endpoint} {json.dumps(self.body, sort_keys=True, default=str)}"


class Answer(NamedTuple):
    """The response or error to a request, with the HTTP status that it would have had."""

    status: int
    body: Any


LOST = Answer(504, {"error": {"message": "the batch ended without an answer to this request", "type": "batch_expired"}})


class BatchRun:
    """The requests of one loop. `stages` is how many requests an item sends one after the other, each with the answer to the one before.

    Requests that failed are submitted again, up to `attempts` times, for code that would try them again.
    """

    def __init__(self, stages: int = 1, attempts: int = 1) -> None:
        self._stages, self._attempts = stages, attempts
        self._stage = self._sent = self._depth = 0
        self._is_stopped = False
        self._noted: list[Request] = []
        self._answers: dict[str, list[Answer]] = {}
        self._used: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def is_last_pass(self) -> bool:
        """Whether requests are answered, and not only noted."""
        run = _active or self
        return run._stage == run._stages

    def passes(self, items: Iterable[_T], bar: _Bar = iter, resetting: Iterable[Any] = ()) -> Iterator[_T]:
        """Yield all items in each pass. `bar` wraps an iterable, and shows how far the batches are.

        The containers in `resetting` get back their content before each pass.
        """
        is_inner, items, kept = _active is not None, list(items), [(each, each.copy()) for each in resetting]
        for stage in range(0 if is_inner else self._stages):
            with self._running(stage):
                yield from self._pass(items, kept)
            _finish(self._submit(_sleep, bar))
        with contextlib.nullcontext() if is_inner else self._running(self._stages):
            yield from self._pass(items, kept)
            self.last_pass_only()

    async def async_passes(self, items: Any, bar: _Bar = iter, resetting: Iterable[Any] = ()) -> AsyncIterator[Any]:
        """Yield all items in each pass, for `async for`. `items` may be asynchronous, too."""
        is_inner, kept = _active is not None, [(each, each.copy()) for each in resetting]
        items = [each async for each in items] if hasattr(items, "__aiter__") else list(items)
        for stage in range(0 if is_inner else self._stages):
            with self._running(stage):
                for item in self._pass(items, kept):
                    yield item
            await self._submit(asyncio.sleep, bar)
        with contextlib.nullcontext() if is_inner else self._running(self._stages):
            for item in self._pass(items, kept):
                yield item
            self.last_pass_only()

    @contextlib.contextmanager
    def item(self) -> Iterator[None]:
        """Run one item. A rehearsal leaves it at the request, and ends altogether at an exception, which the last pass then raises."""
        run = _active or self
        sent, run._sent, run._depth = run._sent, 0, run._depth + 1
        try:
            yield
        except _EndOfRehearsal:
            pass
        except Exception:
            if self.is_last_pass or run._depth > 1:
                raise
            run._is_stopped = True
        finally:
            run._sent, run._depth = sent, run._depth - 1

    def last_pass_only(self) -> None:
        """End the rehearsal of an item: what follows runs once, in the last pass."""
        if not self.is_last_pass:
            raise _EndOfRehearsal

    async def answer(self, request: Request, sleep: _Sleep) -> Answer:
        """Return the answer to a request. A rehearsal notes the request and leaves the item. A new one in the last pass gets a batch."""
        key, self._sent = request.key, self._sent + 1
        with self._lock:
            number, answers = self._used[key], self._answers.setdefault(key, [])
            self._used[key] += 1
            if number < len(answers) and (self.is_last_pass or self._sent <= self._stage):
                return answers[number]
            if number >= len(answers):
                self._noted.append(request)
        self.last_pass_only()
        await self._submit(sleep)
        return answers[-1]

    @contextlib.contextmanager
    def _running(self, stage: int) -> Iterator[None]:
        """Take the requests of the program inside of the block. All but the last stage are rehearsals, and silent."""
        global _active
        _active, self._stage, level = self, stage, logging.root.manager.disable
        self._used.clear()
        try:
            with contextlib.ExitStack() as silence:
                if not self.is_last_pass:
                    logging.disable(logging.CRITICAL)
                    silence.enter_context(contextlib.redirect_stdout(io.StringIO()))
                    silence.enter_context(contextlib.redirect_stderr(io.StringIO()))
                yield
        finally:
            logging.disable(level)
            _active = None

    def _pass(self, items: list[_T], kept: list[tuple[Any, Any]]) -> Iterator[_T]:
        run = _active or self
        for container, content in kept:
            container.clear()
            container.extend(content) if isinstance(container, list) else container.update(content)
        run._is_stopped = False
        for item in items:
            if run._is_stopped:
                return
            yield item

    async def _submit(self, sleep: _Sleep, bar: _Bar = iter) -> None:
        """Submit the noted requests, then those that failed, up to `attempts` times. Wait for the answers."""
        for _ in range(self._attempts):
            requests, self._noted = self._noted, []
            for request, answer in await _answers(requests, sleep, bar) if requests else ():
                self._answers[request.key].append(answer)
                if answer.status >= 400:
                    self._noted.append(request)
        self._noted = []


@contextlib.contextmanager
def prepared(function: Callable[[_T], Any], items: Iterable[_T], stages: int = 1, attempts: int = 1, bar: _Bar = iter) -> Iterator[None]:
    """Answer the requests that `function` sends for each of `items` from batches, which are made before the block runs."""
    run, items = BatchRun(stages, attempts), list(items)
    for item in run.passes(items, bar):
        if run.is_last_pass:
            yield
            return
        with run.item():
            function(item)
    if not items:
        yield


@contextlib.asynccontextmanager
async def async_prepared(
    function: Callable[[Any], Any], items: Any, stages: int = 1, attempts: int = 1, bar: _Bar = iter
) -> AsyncIterator[None]:
    """Do the same for a function that returns an awaitable."""
    run, items = BatchRun(stages, attempts), list(items)
    async for item in run.async_passes(items, bar):
        if run.is_last_pass:
            yield
            return
        with run.item():
            await function(item)
    if not items:
        yield


def batchable(client: _T) -> _T:
    """Return a client whose requests the active run answers; while no run is active, `client` itself."""
    if _active is None:
        return client
    sdk, made = _sdk(client), cast(Any, client)
    if made is sdk:  # the functions of the module, which share one client
        made = sdk.OpenAI(api_key=sdk.api_key, base_url=sdk.base_url, organization=sdk.organization, project=sdk.project)
    http = sdk.DefaultAsyncHttpxClient if inspect.iscoroutinefunction(made.close) else sdk.DefaultHttpxClient
    return cast(_T, made.with_options(http_client=http(transport=_Transport(made)), max_retries=0))


def pause(seconds: float) -> None:
    """Sleep between realtime requests. Those of an active run need no pauses."""
    if _active is None:
        time.sleep(seconds)


class _Transport:
    """Takes the place of the network in the client of an SDK, which makes the body of a request and reads the response as ever."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def handle_request(self, http: Any) -> Any:
        http.read()
        return _finish(self._response(http, _sleep))

    async def handle_async_request(self, http: Any) -> Any:
        await http.aread()
        return await self._response(http, asyncio.sleep)

    async def _response(self, http: Any, sleep: _Sleep) -> Any:
        path = http.url.path.removeprefix(self._client.base_url.path.rstrip("/"))
        endpoint = "/v1" + re.sub("^/v1|^/deployments/[^/]+", "", path)
        answer = await cast(BatchRun, _active).answer(Request(self._client, endpoint, json.loads(http.content)), sleep)
        library = sys.modules[type(http).__module__.partition(".")[0]]
        return library.Response(answer.status, json=answer.body, request=http)

    def close(self) -> None: ...
    async def aclose(self) -> None: ...


async def _answers(requests: list[Request], sleep: _Sleep, bar: _Bar) -> list[tuple[Request, Answer]]:
    """Submit requests in as few batches as the limits allow, and wait until all have ended. Raises `TimeoutError`."""
    jobs = [_JOBS[_sdk(part[0].client).__name__](part) for part in _parts(requests)]
    for job in jobs:
        await job.submit()
        _log.info("submitted batch %s with %d requests", job.id, len(job.requests))
    ticks, shown, limit, seconds = iter(bar(range(len(requests)))), 0, time.monotonic() + DEADLINE, FIRST_PAUSE
    while not all([await job.has_ended() for job in jobs]):
        if time.monotonic() > limit:
            raise TimeoutError(f"not ended after {DEADLINE / 3600:.0f} hours: {', '.join(job.id for job in jobs)}")
        while shown < sum(job.finished for job in jobs):
            next(ticks, None)
            shown += 1
        await sleep(seconds)
        seconds = min(2 * seconds, LONGEST_PAUSE)
    for _ in ticks:
        pass
    found = []
    for job in jobs:
        answers = await job.answers()
        found += [(request, answers.get(f"request-{number}", LOST)) for number, request in enumerate(job.requests)]
    return found


def _parts(requests: list[Request]) -> Iterator[list[Request]]:
    """Divide requests into batches: one client, endpoint and model each, within the limits."""
    groups: dict[tuple[int, str, str], list[Request]] = {}
    for request in requests:
        groups.setdefault((id(request.client), request.endpoint, str(request.body.get("model"))), []).append(request)
    for group in groups.values():
        part: list[Request] = []
        size = 0
        for request in group:
            size += len(request.key) + 200
            if part and (len(part) == MOST_REQUESTS or size > MOST_BYTES):
                yield part
                part, size = [], len(request.key) + 200
            part.append(request)
        yield part


class _Job:
    """One batch of a provider. `finished` counts its requests that have ended."""

    def __init__(self, requests: list[Request]) -> None:
        self.requests, self.client, self.id, self.finished = requests, requests[0].client, "", 0

    async def submit(self) -> None:
        raise NotImplementedError

    async def has_ended(self) -> bool:
        raise NotImplementedError

    async def answers(self) -> dict[str, Answer]:
        raise NotImplementedError


def _sdk(client: Any) -> Any:
    """Return the package of the SDK that a client is from."""
    names = [client.__name__] if inspect.ismodule(client) else [base.__module__ for base in type(client).__mro__]
    return next(sys.modules[root] for name in names if (root := name.partition(".")[0]) in _JOBS)


async def _value(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


async def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _finish(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits, because its client is synchronous."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast(_T, done.value)
    raise RuntimeError("an asynchronous client needs `async_passes` or `async_prepared`")


class _FileJob(_Job):
    """A batch of OpenAI and of APIs like it: a file of requests, and files of results."""

    async def submit(self) -> None:
        lines = [
            {"custom_id": f"request-{number}", "method": "POST", "url": request.endpoint, "body": request.body}
            for number, request in enumerate(self.requests)
        ]
        data = "\n".join(map(json.dumps, lines)).encode()
        file = await _value(self.client.files.create(file=("requests.jsonl", data), purpose="batch"))
        endpoint = self.requests[0].endpoint
        batch = await _value(self.client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h"))
        self.id = batch.id

    async def has_ended(self) -> bool:
        self._batch = await _value(self.client.batches.retrieve(self.id))
        counts = getattr(self._batch, "request_counts", None)
        self.finished = counts.completed + counts.failed if counts else 0
        return str(self._batch.status).lower() in ("completed", "failed", "expired", "cancelled")

    async def answers(self) -> dict[str, Answer]:
        found = {}
        for file_id in filter(None, (self._batch.output_file_id, self._batch.error_file_id)):
            content = await _value((await _value(self.client.files.content(file_id))).read())
            for entry in map(json.loads, content.decode().splitlines()):
                response = entry.get("response") or {"status_code": 500, "body": {"error": entry.get("error")}}
                found[entry["custom_id"]] = Answer(response["status_code"], response["body"])
        return found


_JOBS: dict[str, type[_Job]] = {"openai": _FileJob, "groq": _FileJob}
