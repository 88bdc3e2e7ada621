"""Batch jobs of the imitated providers: what they check, how long they take, and what becomes of each request.

A job is checked when it is created, as strictly as the providers do. It needs some polls to end. Each vendor's wire shapes are in
`openai_wire` and `other_wires`.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from answers import BUSY, Json, Reply, answer, digest, failure, marked

CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FOREIGN_KEYS = ("timeout", "extra_headers", "extra_query", "extra_body", "stream")


@dataclass(slots=True)
class Limits:
    """What a job may hold, and how many polls it takes to end."""

    requests: int = 50_000
    size: int = 200_000_000
    polls: int = 2


@dataclass(slots=True)
class Counts:
    """What the server saw. `violations` are requests that a real provider would have rejected.

    - `realtime`: number of requests by path, `realtime_models` by model
    - `jobs`: number of requests in each job, `job_models` the model of each
    """

    realtime: Counter[str] = field(default_factory=Counter)
    realtime_models: Counter[str] = field(default_factory=Counter)
    jobs: list[int] = field(default_factory=list)
    job_models: list[str] = field(default_factory=list)
    uploads: int = 0
    polls: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def realtime_requests(self) -> int:
        """Number of realtime requests on all paths."""
        return self.realtime.total()


@dataclass(slots=True)
class Item:
    """One request of a job, and its answer once the job has run: a reply, `expired`, or neither where the provider lost it."""

    custom_id: str
    body: Json
    reply: Reply | None = None
    expired: bool = False


@dataclass(slots=True)
class Job:
    """A job: `failure` says why it ended without any result; `expired` that its window closed before all requests were answered."""

    name: str
    endpoint: str
    items: list[Item]
    polls_left: int
    input_file: str = ""
    model: str = ""
    failure: str = ""
    expired: bool = False

    @property
    def ended(self) -> bool:
        """Whether the job has reached a terminal state."""
        return self.polls_left <= 0

    def poll(self) -> None:
        """Count a look at the state of the job."""
        self.polls_left -= 1

    def succeeded(self) -> list[Item]:
        """Requests that were answered, in no order that helps."""
        return [item for item in self.items if item.reply is not None and item.reply.status == 200]

    def failed(self) -> list[Item]:
        """Requests that failed or expired."""
        return [item for item in self.items if item.expired or (item.reply is not None and item.reply.status != 200)]


class Books:
    """Keeps jobs, files and counts of one server."""

    def __init__(self, limits: Limits, seed: int) -> None:
        """Start with nothing: `seed` shuffles results."""
        self.limits = limits
        self.counts = Counts()
        self.jobs: dict[str, Job] = {}
        self.files: dict[str, bytes] = {}
        self.busy: set[str] = set()
        self.order = random.Random(seed)

    def number(self) -> int:
        """A number that no job and no file has yet."""
        return 1 + len(self.jobs) + len(self.files)

    def keep_file(self, content: bytes) -> str:
        """Store a file and return its id."""
        name = f"file-{self.number():04}"
        self.files[name] = content
        return name

    def violation(self, message: str) -> str:
        """Note what a real provider would have rejected, and return the message."""
        self.counts.violations.append(message)
        return message

    def submit(self, endpoint: str, items: list[Item], *, model: str = "", input_file: str = "") -> Job:
        """Start a job. It fails as a whole where a request in it breaks a rule of the providers."""
        if not model:
            model = str(items[0].body.get("model", "")) if items else ""
        job = Job(f"batch-{self.number():04}", endpoint, items, self.limits.polls, input_file, model)
        self.jobs[job.name] = job
        self.counts.jobs.append(len(items))
        self.counts.job_models.append(model)
        problem = self._problem(items)
        if problem:
            job.failure = self.violation(problem)
        elif any(marked(item.body, "FAIL_JOB") for item in items):
            job.failure = "The job failed."
        else:
            self._run(job)
        return job

    def _problem(self, items: list[Item]) -> str:
        ids = [item.custom_id for item in items]
        foreign = sorted({key for item in items for key in FOREIGN_KEYS if item.body.get(key)})
        if not items:
            return "empty_file: a batch holds at least one request"
        if len(items) > self.limits.requests:
            return f"too_many_tasks: {len(items)} requests, at most {self.limits.requests}"
        size = sum(len(json.dumps(item.body)) for item in items)
        if size > self.limits.size:
            return f"file_too_large: {size} bytes, at most {self.limits.size}"
        if len(set(ids)) < len(ids) or not all(CUSTOM_ID.fullmatch(one) for one in ids):
            return "duplicate_custom_id or a custom_id that is not allowed"
        if len({item.body.get("model") for item in items}) > 1:
            return "mismatched_model: one model a batch"
        return f"unknown_parameter: {', '.join(foreign)}" if foreign else ""

    def _run(self, job: Job) -> None:
        self.order.shuffle(job.items)
        job.expired = any(marked(item.body, "EXPIRE_JOB") for item in job.items)
        for item in job.items:
            if marked(item.body, "EXPIRE_ITEM", "EXPIRE_JOB"):
                item.expired = True
            elif not marked(item.body, "DROP_ITEM"):
                item.reply = self.reply(job.endpoint, item.body)

    def realtime(self, endpoint: str, path: str, body: Json) -> Reply:
        """Count and answer a realtime request."""
        self.counts.realtime[endpoint] += 1
        self.counts.realtime_models[str(body.get("model"))] += 1
        return self.reply(path, body)

    def reply(self, path: str, body: Json) -> Reply:
        """Answer a request. One that is marked as busy is turned away the first time."""
        if marked(body, BUSY) and digest(body) not in self.busy:
            self.busy.add(digest(body))
            return Reply(429, failure(429, "Too many requests, come again.", "rate_limit_exceeded"))
        return answer(path, body)


def read_lines(content: bytes, endpoint: str, books: Books) -> list[Item]:
    """Read a batch file of OpenAI's shape; what breaks its rules is noted as a violation."""
    items: list[Item] = []
    for number, line in enumerate(content.decode().splitlines(), 1):
        entry: dict[str, Any] = json.loads(line)
        if entry.get("method", "POST") != "POST":
            books.violation(f"line {number}: method {entry['method']}")
        if entry.get("url", endpoint) != endpoint:
            books.violation(f"line {number}: url {entry['url']} is not the endpoint {endpoint}")
        items.append(Item(str(entry["custom_id"]), dict(entry["body"])))
    return items
