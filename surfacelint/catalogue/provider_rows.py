"""Rows about providers: their clients, requests, batch APIs, hosts, models and price tiers."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from surfacelint.system.records import record

Surface: TypeAlias = Literal[
    "realtime",
    "batch-submit",
    "batch-add",
    "batch-poll",
    "batch-results",
    "batch-cancel",
    "batch-list",
    "batch-build",
    "batch-wait",
    "pseudo-batch",
    "async-job",
    "build",
    "free",
    "local",
]
Kind: TypeAlias = Literal[
    "",
    "chat",
    "responses",
    "completion",
    "embedding",
    "rerank",
    "image",
    "audio",
    "video",
    "moderation",
    "ocr",
    "classify",
    "decision",
    "agent-run",
    "session",
    "tokens",
    "file",
    "job",
]
Mode: TypeAlias = Literal["sync", "async"]
Role: TypeAlias = Literal["provider", "gateway", "framework", "local", "batch-helper"]
Order: TypeAlias = Literal["unordered", "input-order", "index", "unspecified"]
Speed: TypeAlias = Literal["slower", "faster"]


@record(frozen=True, slots=True)
class Endpoint:
    """One request that an SDK can make.

    - `path`: in data files, a path that begins with "." applies to every client of the provider; "." alone means calling
      the client itself. `provider` is filled in when the catalogue is built.
    - `batch`: what the request becomes in the provider's batch API; empty if the request cannot move there.
    - `list_input`: one request takes many independent inputs. `list_twin`: the method that does, where this one does not.
    - `stream`: the keyword that turns the response into a stream; `"always"` for a streaming method.
    - `chain`: keywords that tie the request to an earlier response.
    - `requires`: literal keyword arguments without which the row does not apply; `|` separates accepted values.
    - `tells`: keywords that identify the request on a receiver of unknown type, although its path is a single name.
    - `stateful`: the request's object keeps the conversation (chats, threads, sessions, agent runs on a session).
    - `argument`, `keywords`: the position and the keywords of a list input, of the inputs of a pseudo-batch, or of the
      requests of a batch; `**` where any keyword fills a prompt template. Of a poll, `keywords` name the id if it needs a name.
    - `list_keys`: keys of a JSON body under which the request carries many inputs at once.
    - `limit`: the documented maximum number of inputs in one list.
    - `list_result`: where the result for a list of one input is in the response: `data[0]`. Without the `[0]` the same path
      leads to the results for a longer list. `.` where the response is the result, as it is if `list_twin` takes the list.
    - `files`: keywords by which a batch takes the names of request files, or an upload takes the file.

    For surface `batch-results`, kind `file` returns a file whose lines are results, kind `job` the results themselves.
    """

    provider: str = field(metadata={"key": None})
    path: str
    surface: Surface
    kind: Kind = ""
    mode: Mode = "sync"
    batch: str = ""
    list_input: bool = False
    list_twin: str = ""
    stream: str = ""
    chain: tuple[str, ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    tells: tuple[str, ...] = ()
    stateful: bool = False
    argument: int = 0
    keywords: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    list_keys: tuple[str, ...] = ()
    limit: int | None = None
    list_result: tuple[str, ...] = ()
    until: str = ""
    note: str = ""

    @property
    def takes_list(self) -> bool:
        """Whether one realtime request takes many independent inputs, here or at `list_twin`. A reranker's inputs belong to one query."""
        return self.surface == "realtime" and self.kind != "rerank" and (self.list_input or bool(self.list_twin))


@record(frozen=True, slots=True)
class BatchApi:
    """A provider's batch API: price, limits, and the names by which code uses it.

    - `submit`: how users of the SDK submit a batch. `post`: how raw HTTP requests do.
    - `item`: one request of a batch, as Python code; `ID`, `URL` and `BODY` stand for its key, the endpoint and the body.
    - `discount`: the fraction off the realtime price; `None` if none is documented.
    - `window`: the documented completion window as text; `window_hours` is its length in hours. `deadline_hours` is how long
      a job may take until the provider ends it, if that is longer.
    - `max_requests`, `min_requests`, `max_bytes`: limits of one batch.
    - `order`: the order of results. `key`: the API's name for what joins a result to its request.

    The remaining fields are names to look for in code. They may be attributes or keys:

    - `job`: the part of what the submission returns that is the job. Empty where the submission returns the job.
    - `id`: the part of a submitted job that later calls need.
    - `status`: the state of a job; a dotted name is the state of a part.
    - `done`: all terminal states. `success`: the successful ones. `cancelled`: the ones that only the submitter can cause.
    - `ended`: true once the job has ended for any reason.
    - `output`: leads from the job to its results; `inline` are those of them that are the results themselves. With
      `delivers`, the API writes results to a location that the submitter chose.
    - `answers`: lead from a result to the model's output.
    - `failures`: of the job, a result or the SDK. Code that reads none of them misses failed requests. `errors` describes
      this for messages. With `apart`, failed requests are not among the results.

    Fixes write the following templates, in which `@` stands for the job or the result:

    - `failed_job`: an expression that is true if requests of a job failed and are not among its results.
    - `failed_result`: an expression that is true if the request of a result failed.
    - `failure`: what an error says about either, as the inside of an f-string. Commas separate parts that can be left out.
    """

    title: str
    submit: str = ""
    post: str = ""
    item: str = ""
    discount: float | None = None
    discount_note: str = ""
    window: str = ""
    window_hours: float | None = None
    deadline_hours: float | None = None
    max_requests: int | None = None
    min_requests: int | None = None
    max_bytes: int | None = None
    order: Order = "unspecified"
    key: str = ""
    key_note: str = ""
    job: str = ""
    id: str = ""
    status: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    success: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    delivers: bool = False
    answers: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    apart: bool = False
    errors: str = ""
    failed_job: str = ""
    failed_result: str = ""
    failure: str = ""
    retention: str = ""
    note: str = ""


@record(frozen=True, slots=True)
class OffPeak:
    """Hours at which realtime requests cost less: `discount` is the fraction off the price, `hours` the times as text."""

    discount: float
    hours: str


@record(frozen=True, slots=True)
class Client:
    """A constructor whose result has the provider's relative endpoints.

    A path that ends in a bracket is the client itself, not its constructor. `batch` is false for clients without the
    provider's batch API. `mode` `async` makes all its endpoints async; a `stateful` client keeps the conversation.
    """

    path: str
    mode: Mode = "sync"
    batch: bool = True
    stateful: bool = False


@record(frozen=True, slots=True)
class Provider:
    """An SDK, gateway, framework, local engine or batch helper (`role`).

    - `imports`: top-level packages that a file must import.
    - `mentions`: words of which a file must also contain one, for packages that do more than call models (`bedrock` for boto3).
    - `known_as`: other names of the provider in usage exports and telemetry.
    - `like`: a provider whose relative endpoints these clients have too. `batch_of`: a provider whose batch API is used.
    - `host_settings`: variables by which a program sets where the module-level functions send their requests.
    - `off_peak`: cheaper hours, if there are any.
    - `as_of`: the versions of the SDK that the rows were read from.

    All endpoints of a provider of role `local` are local. Without a batch API, no endpoint can move to one.
    """

    name: str
    title: str = ""
    role: Role = "provider"
    imports: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    as_of: str = ""
    known_as: tuple[str, ...] = ()
    like: str = ""
    batch_of: str = ""
    batch: BatchApi | None = None
    off_peak: OffPeak | None = None
    host_settings: tuple[str, ...] = ()
    clients: tuple[Client, ...] = field(default=(), metadata={"key": "client"})
    endpoints: tuple[Endpoint, ...] = field(default=(), metadata={"key": "endpoint"})
    note: str = ""


@record(frozen=True, slots=True)
class Host:
    """The provider behind a `base_url` that contains `match`. `local` hosts are the user's own hardware."""

    match: str
    provider: str = ""
    local: bool = False
    discounted: bool = False


@record(frozen=True, slots=True)
class Model:
    """The provider of the models whose names begin with `prefix`: at a gateway (`ollama/`) or at the vendor (`deepseek-`).

    `local` models run on the user's own hardware. Code that asks the SDK of one of the providers in `through` for such
    a model sends its requests to `provider`, even if the base URL cannot be found.
    """

    prefix: str
    provider: str = ""
    through: tuple[str, ...] = ()
    local: bool = False


@record(frozen=True, slots=True)
class Tier:
    """A price tier that a request selects by a keyword.

    `speed` is the trade-off: `slower` tiers may take minutes or refuse requests, `faster` ones cost more. `discount` is
    the fraction off the realtime price, `None` if none is documented. A dotted `keyword` such as `config.service_tier`
    means a key of the dict, or an attribute of the object, that is passed as `config`.
    """

    provider: str
    keyword: str
    value: str
    speed: Speed
    discount: float | None = None
    note: str = ""
