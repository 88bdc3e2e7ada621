"""The schema of the catalogue: every row of the data files becomes one of these.

An API is a *path* in Python's own spelling: `openai.OpenAI().chat.completions.create` is an attribute chain on what
calling `openai.OpenAI` returns. `()` is a call's result, `[]` an item of a value or an element of iterating over it.
A path that begins with `*` (`*.progress_apply`) matches the rest of it on any receiver.
"""

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
Match: TypeAlias = Literal[
    "decorator",
    "class-decorator",
    "base-class",
    "register",
    "keyword",
    "annotation",
    "default",
    "signature",
    "call",
    "body",
    "iterate",
    "script",
]
Waits: TypeAlias = Literal["yes", "no", "unknown"]
Medium: TypeAlias = Literal["http", "stream", "chat", "ui", "repl", "rpc", "voice", "tool", "poll", "none"]
Style: TypeAlias = Literal[
    "iterable",
    "awaitables",
    "callable",
    "context",
    "manual",
    "method",
    "spinner",
    "registration",
    "remote",
    "channel",
    "store",
    "stream",
]
Audience: TypeAlias = Literal["terminal", "notebook", "browser", "remote"]
Items: TypeAlias = Literal["argument", "arguments", "receiver", "loop", "none"]
Per: TypeAlias = Literal["item", "chunk", "group", "partition", "once"]
Speed: TypeAlias = Literal["slower", "faster"]
RetryKind: TypeAlias = Literal["decorator", "iterator", "call", "method"]
Effect: TypeAlias = Literal["same", "fewer", "chunks", "source", "endless", "product", "hits"]


@record(frozen=True, slots=True)
class Endpoint:
    """One request that an SDK can make.

    `surface` is one of `Surface`, `mode` is `sync` or `async`. `batch` names what the request becomes in the provider's
    batch API, empty where it cannot move. `list_input` says that one request takes many independent inputs, `list_twin`
    names the method that does where this one does not. `stream` is the keyword that turns it into a stream (`"always"`
    for a streaming method); `chain` are keywords that tie it to an earlier response; `requires` are literal keyword
    arguments without which the row does not apply, `|` between the values that will do; `tells` are keywords by which the request
    is known on anything that nothing is known of, though its name is a single one. `stateful` marks requests on an
    object that keeps the conversation (chats, threads, sessions, agent runs on a session). A list, and the inputs of a
    pseudo-batch, and the requests of a batch, stand at positional `argument` or in one of `keywords` (`**` where a prompt is a
    template that keywords of any name fill); `limit` is the documented number of inputs in one list. A batch takes the names of
    request files by the keywords `files`, an upload the file itself.
    `batch-results` of kind `file` give a file whose lines are results, those of kind `job` the results themselves.
    In data files a path that begins with "." stands for one on every client of the provider, and "." alone for calling
    the client itself; `provider` is filled in when the catalogue is built.
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
    limit: int | None = None
    until: str = ""
    note: str = ""

    @property
    def takes_list(self) -> bool:
        """Whether one realtime request takes many independent inputs, at this endpoint or at its twin: a reranker's belong to one query."""
        return self.surface == "realtime" and self.kind != "rerank" and (self.list_input or bool(self.list_twin))


@record(frozen=True, slots=True)
class BatchApi:
    """A provider's batch API. `discount` is the fraction off the realtime price, `None` where none is documented.

    `window` is the documented completion window as text, `window_hours` its length. `max_requests`, `min_requests` and
    `max_bytes` are for one batch. `order` is that of the results: `unordered`, `input-order`, `index` or `unspecified`;
    `key` is the name of what joins a result to its request, in the words of the API. `submit` is how the user's SDK
    submits one.

    The rest are names to look for in code, of attributes or keys, which of the two does not matter. `id` of a submitted job
    is what later calls ask for; `status` tells its state, a dotted name that of a part; `done` are the terminal states,
    those in `success` the good ones among them, where `done` says more than that, those in `cancelled` the ones that only
    whoever submitted it can bring about; `ended` are true once the job has ended, however it did; `output` lead from the job
    to its results, which come to a place of the submitter's own where the API `delivers` them; those of them in `inline` are
    the results themselves. Of a result, `answers` lead to what the model said. Whoever looks at none of `failures`, of the
    job, of a result or of the SDK, does not see what failed; `errors` says it in words. Where failed requests stand `apart`,
    the results hold none of them.
    """

    title: str
    submit: str = ""
    discount: float | None = None
    discount_note: str = ""
    window: str = ""
    window_hours: float | None = None
    max_requests: int | None = None
    min_requests: int | None = None
    max_bytes: int | None = None
    order: Order = "unspecified"
    key: str = ""
    key_note: str = ""
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
    retention: str = ""
    note: str = ""


@record(frozen=True, slots=True)
class OffPeak:
    """Hours at which realtime requests cost less: `discount` is the fraction off the price, `hours` says when."""

    discount: float
    hours: str


@record(frozen=True, slots=True)
class Client:
    """A constructor whose result carries the provider's relative endpoints. `batch` overrides the provider's.

    An `async` client makes its endpoints `async`, a `stateful` one keeps the conversation. A path that ends in a bracket
    is the client itself, not what makes one.
    """

    path: str
    mode: Mode = "sync"
    batch: bool = True
    stateful: bool = False


@record(frozen=True, slots=True)
class Provider:
    """One SDK, gateway, framework, local engine or batch helper (`role`). `imports` are the roots to look for in a file.

    `mentions` are words of which a file has to hold one besides, where a package sells more than models (`bedrock` for boto3).

    `like` names a provider whose relative endpoints these clients carry too, `batch_of` one whose batch API is used.
    What a provider of role `local` carries is local; where there is no batch API no endpoint can move to one.
    `host_settings` are the variables by which a program says where the functions of its module send their requests.
    `off_peak` are cheaper hours, where it has such. `as_of` names the versions of the SDK that the rows were read from.
    """

    name: str
    title: str = ""
    role: Role = "provider"
    imports: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    as_of: str = ""
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
    """Where a `base_url` leads: `match` is a part of the URL; `local` hosts are the user's own hardware."""

    match: str
    provider: str = ""
    local: bool = False
    discounted: bool = False


@record(frozen=True, slots=True)
class Model:
    """Whose a model is, by what its name begins with, at a gateway or framework (`ollama/`) or at its vendor (`deepseek-`).

    `local` models run on the user's own hardware. Who asks the SDK of one of the providers `through` for such a model has pointed
    it to `provider`, even where nobody can see how.
    """

    prefix: str
    provider: str = ""
    through: tuple[str, ...] = ()
    local: bool = False


@record(frozen=True, slots=True)
class Tier:
    """A price tier chosen by a keyword of a request.

    `speed` says what it trades: `slower` may take minutes or be refused, `faster` costs more. `discount` is the fraction
    off the realtime price, `None` where none is documented. `keyword` may be dotted: `config.service_tier` stands in a
    dict or object that is passed as `config`.
    """

    provider: str
    keyword: str
    value: str
    speed: Speed
    discount: float | None = None
    note: str = ""


@record(frozen=True, slots=True)
class Returns:
    """What a call or attribute at `path` gives back.

    `value` is a path (a new type), `receiver` (the same object), `argument` (its first argument, wrapped), or `result`
    (what calling its first argument returns, as dependency injection does). `keyword` names the argument where it is
    not the first positional one.
    """

    path: str
    value: str
    keyword: str = ""


@record(frozen=True, slots=True)
class Entry:
    """How a framework enters the user's code, and whether somebody waits there.

    `match` is one of `decorator`, `class-decorator`, `base-class`, `register`, `keyword`, `annotation`, `default`,
    `signature`, `call` (the body calls it), `body` (the body reads one of the keys in `keywords`), `iterate`, `script`
    (importing `root` makes the module a UI page). `paths` are matched as `match` says; for `register` and `keyword` the
    handler stands at positional `argument` or in one of `keywords`. `methods` are patterns of the methods that
    `base-class`, `class-decorator` and `signature` speak of (`*` is all public ones, `on_*` some). `parameters` are the
    leading parameter names for `signature` and `body`. `root` must be imported where the paths do not say so. `waits`
    is `yes`, `no` or `unknown`; `medium` says who: http, stream, chat, ui, repl, rpc, voice, tool, poll, none. `module`
    limits `signature` rows to file names (glob).
    """

    name: str
    framework: str
    match: Match
    waits: Waits
    medium: Medium
    paths: tuple[str, ...] = ()
    root: str = ""
    argument: int | None = None
    keywords: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    module: str = ""


@record(frozen=True, slots=True)
class Progress:
    """A progress display. `style` is `iterable`, `awaitables`, `callable`, `context`, `manual`, `method`, `spinner` or
    `registration`, or says how a job tells others how far it is: `remote` (the call is for nothing else), `channel` (it carries
    messages, some of which may count), `store` (it keeps what was set on an object), `stream` (it sends what its argument yields).

    `argument` is the position of the wrapped iterable, `callable` that of the mapped callable, `all_arguments` says
    that every positional is wrapped. `audience` is terminal, notebook, browser or remote; `counts` says that it shows N
    of M; `concurrent` that it overlaps the calls itself; `advance` are the methods that move a manual bar.
    """

    name: str
    paths: tuple[str, ...]
    style: Style
    audience: Audience
    counts: bool
    concurrent: bool = False
    argument: int | None = None
    keywords: tuple[str, ...] = ()
    all_arguments: bool = False
    callable: int | None = None
    callable_keywords: tuple[str, ...] = ()
    advance: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Repetition:
    """A callable that runs another callable many times, or starts one run of it.

    `callable` is the position of the repeated callable, `callable_keywords` its keywords; where there is neither, the
    receiver itself is the callable (`task.map(xs)`). `items` says what it runs over: `argument` (at
    `argument`/`keywords`), `arguments` (all positionals from `argument` on), `receiver`, `loop` (once per call: the
    loop around repeats it), or `none`. `per` is item, chunk, group, partition or once. `concurrent` says that runs
    overlap; `serial_unless` names a keyword that must be given, and not be 1, for that (joblib's `n_jobs`). `starts`
    marks a call that starts one run and returns at once (submit, create_task, delay). `dependent` marks folds. `rows`
    marks per-row methods of tables and datasets. `requires` are literal keyword arguments without which it does not run
    per item (`axis=1`). `?.apply` as a path stands for the method of a receiver of which nothing is known; `root` is
    what the module must import for the row to apply.
    """

    name: str
    paths: tuple[str, ...]
    items: Items
    per: Per
    concurrent: bool
    callable: int | None = None
    callable_keywords: tuple[str, ...] = ()
    argument: int | None = None
    keywords: tuple[str, ...] = ()
    starts: bool = False
    dependent: bool = False
    rows: bool = False
    serial_unless: str = ""
    workers: tuple[str, ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    root: str = ""


@record(frozen=True, slots=True)
class Limiter:
    """Something that lets only so many in at a time, entered with `with`.

    The number stands at positional `argument` or in one of `keywords` of what makes it; a lock has neither and lets in
    one.
    """

    name: str
    paths: tuple[str, ...]
    argument: int | None = None
    keywords: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Retry:
    """A retry helper. `kind` is decorator, iterator, call (of the callable at `callable`) or method."""

    name: str
    paths: tuple[str, ...]
    kind: RetryKind
    callable: int | None = None


@record(frozen=True, slots=True)
class Iteration:
    """A call to look through when asking what a loop runs over, or one that says how many or what kind of items there
    are.

    `effect` is `same` (as many items as its argument), `fewer` (bounded by the constant at `limit`, or at most the
    argument's number), `chunks`, `source` (rows of a file, table, dataset or folder, at most the constant at `limit`),
    `hits` (a handful that a search finds), `endless`, `product`. `argument` is the position of the iterable, `-1` the
    receiver; `all_arguments` where it takes several.
    """

    name: str
    paths: tuple[str, ...]
    effect: Effect
    argument: int = 0
    all_arguments: bool = False
    limit: int | None = None
    limit_keywords: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class UserInput:
    """A call that fetches a person's next message. `waits` as `Entry.medium`."""

    name: str
    paths: tuple[str, ...]
    medium: Medium


@record(frozen=True, slots=True)
class Keep:
    """A method that puts its arguments into its receiver, which gives them back later: the history of a chat."""

    name: str
    paths: tuple[str, ...]


@record(frozen=True, slots=True)
class Sweep:
    """Words that give away a comparison.

    A loop target or keyword of such a name varies the model or one of its parameters, not the data; so does a loop over what has one
    of the `words` in its name. `numbers` are the keywords whose values say how much is asked for and how freely, and nothing of what
    was answered before.
    """

    keywords: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Handful:
    """Words that give away a handful, where data flow ends.

    `names` are what holds the parts of one answer or the hits of one search, `samples` what holds one sample of a data
    set; both are last words of names. A class that is passed for one of `answer_keywords` is what an answer is parsed
    into. `typed` are the paths of what holds the options that a person typed, `options` those that declare the parameter
    of a command one, `files` words of options that name files, of which a shell makes many, `file_types` the paths of their
    types. `nodes` are the paths of what makes a function a node of a graph, which hands a state from one to the next. A
    function that is given to a model for one of `tool_keywords`, or decorated by one of `tools`, gets what the model answers.
    """

    names: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    answer_keywords: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    file_types: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tool_keywords: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Alias:
    """Each of `paths` is another spelling of `of`: of the same thing, or of something that behaves the same."""

    of: str
    paths: tuple[str, ...]


@record(frozen=True, slots=True)
class Decorated:
    """What a function becomes under a decorator at one of `paths`: `of`.

    Where the decorator is given `bind=True`, under whatever keyword `bind` names, the function's first parameter is that too.
    """

    of: str
    paths: tuple[str, ...]
    bind: str = ""


@record(frozen=True, slots=True)
class CatalogueData:
    """All rows of one or more data files, in their order. The metadata is the key that a field has in the files.

    `decorated` says what a function becomes under a decorator; `literal_calls` are the calls whose literal first
    argument is a part of the path, in single quotes: `boto3.client('bedrock')`. `http_calls` are the calls that send a raw
    HTTP request to a URL among their arguments. `whole_answers` are methods of a stream that wait for its end and give all of
    it. `parse_errors` are the names of exceptions that say that a text is not what was asked for.
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
    whole_answers: tuple[str, ...] = ()
    parse_errors: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = field(default=(), metadata={"key": "entry"})
    progress: tuple[Progress, ...] = ()
    repetitions: tuple[Repetition, ...] = field(default=(), metadata={"key": "repetition"})
    limiters: tuple[Limiter, ...] = field(default=(), metadata={"key": "limiter"})
    retries: tuple[Retry, ...] = field(default=(), metadata={"key": "retry"})
    iterations: tuple[Iteration, ...] = field(default=(), metadata={"key": "iteration"})
    inputs: tuple[UserInput, ...] = field(default=(), metadata={"key": "input"})
    keeps: tuple[Keep, ...] = field(default=(), metadata={"key": "keep"})
    sweep: Sweep = field(default_factory=Sweep)
    handful: Handful = field(default_factory=Handful)
