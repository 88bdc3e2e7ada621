"""The catalogue: its data, its look-ups, and what it says about tables that are wrong."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from surfacelint.catalogue import loading
from surfacelint.catalogue.entry_rows import Match
from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.loading import CatalogueError, builtin, merge, parse
from surfacelint.catalogue.path_segments import prefixes, suffixes
from surfacelint.catalogue.schema import CatalogueData

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = (Path(__file__).parent.parent / "docs" / "catalogue.md").read_text(encoding="utf-8")
DATA = builtin()
CATALOGUE = Catalogue.load()
FILES = sorted(loading.DATA.glob("*/*.toml"))


def user(**tables: object) -> Catalogue:
    """Return the catalogue of a user who has these tables in the configuration."""
    return Catalogue.load(parse(tables, "pyproject.toml"))


def rows(value: object) -> Iterator[Any]:
    """Yield all dataclass instances in `value`."""
    if is_dataclass(value):
        yield value
        for column in fields(value):
            yield from rows(getattr(value, column.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from rows(item)


# The data.


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_loads_and_says_what_it_is(path: Path) -> None:
    loading.read(path)
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_every_word_is_one_of_the_schema() -> None:
    for row in rows(DATA):
        for name, hint in get_type_hints(type(row)).items():
            if get_origin(hint) is Literal:
                assert getattr(row, name) in get_args(hint), row


def test_every_provider_can_be_found_in_a_file() -> None:
    for provider in DATA.providers:
        assert provider.imports, provider.name
        assert all(root.replace(".", "").replace("_", "").isalnum() for root in provider.imports), provider.name


def test_no_two_endpoints_are_the_same() -> None:
    seen = Counter((CATALOGUE.canonical(row.path), row.requires) for provider in CATALOGUE.providers.values() for row in provider.endpoints)
    assert [key for key, count in seen.items() if count > 1] == []


def test_every_endpoint_belongs_to_its_provider_and_is_absolute() -> None:
    for name, provider in CATALOGUE.providers.items():
        for endpoint in provider.endpoints:
            assert endpoint.provider == name
            assert not endpoint.path.startswith("."), endpoint
            assert CATALOGUE.canonical(endpoint.path).partition(".")[0] in {root.partition(".")[0] for root in provider.imports}, endpoint


def test_only_requests_move_and_only_where_there_is_a_batch_api() -> None:
    for provider in CATALOGUE.providers.values():
        for endpoint in provider.endpoints:
            if endpoint.batch:
                assert provider.batch is not None
                assert endpoint.surface in {"realtime", "pseudo-batch", "async-job"}, endpoint
            if provider.role == "local":
                assert endpoint.surface not in {"realtime", "pseudo-batch"}, endpoint


def test_hosts_and_tiers_name_known_providers() -> None:
    for named in [host.provider for host in DATA.hosts if host.provider] + [tier.provider for tier in DATA.tiers]:
        assert named in CATALOGUE.providers


def test_row_names_are_unique() -> None:
    for table in (DATA.entries, DATA.progress, DATA.repetitions, DATA.retries, DATA.iterations, DATA.inputs, DATA.keeps):
        names = Counter(row.name for row in table)
        assert [name for name, count in names.items() if count > 1] == []


def test_paths_are_spelled_in_segments() -> None:
    written = [path for row in rows(DATA) for name in ("path", "paths") for path in as_list(getattr(row, name, ()))]
    assert written
    for path in written:
        # A path that is not understood whole would never be found.
        assert path == "." or "*" in path or prefixes(path)[0] == path, path
        assert " " not in path, path


def as_list(value: object) -> list[str]:
    """Return one or several paths as a list."""
    return [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []


def test_loading_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_READ", [])
    start = time.process_time()
    Catalogue.load()
    # Measured at 0.07 s; the bound is for slow machines.
    assert time.process_time() - start < 1.0


def test_the_page_explains_every_key() -> None:
    kinds = [CatalogueData]
    for kind in kinds:
        for column in fields(kind):
            key = column.metadata.get("key", column.name.replace("_", "-"))
            assert key is None or f"`{key}`" in PAGE or f"## {key}" in PAGE, f"{kind.__name__}: {key}"
            kinds += [inner for inner in kinds_in(get_type_hints(kind)[column.name]) if inner not in kinds]
    assert len(kinds) > 15


def kinds_in(hint: Any) -> Iterator[Any]:
    """Yield the dataclasses in a type hint."""
    if is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from kinds_in(part)


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_are_catalogues(block: str) -> None:
    table = tomllib.loads(block)["tool"]["surfacelint"]["catalogue"]
    assert Catalogue.load(parse(table, "docs/catalogue.md")).providers


# Paths.


def test_prefixes_and_suffixes_respect_segments() -> None:
    path = "boto3.client('a.b').converse()[]"
    assert prefixes(path) == [
        path,
        "boto3.client('a.b').converse()",
        "boto3.client('a.b').converse",
        "boto3.client('a.b')",
        "boto3.client",
        "boto3",
    ]
    assert suffixes(path) == ("client('a.b').converse()[]", "converse()[]")


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("pandas.read_csv().iterrows", "pandas.DataFrame().iterrows"),
        ("pandas.read_csv().dropna().head()[].apply", "pandas.Series().apply"),
        ("openai.Client", "openai.OpenAI"),
        ("openai.AsyncClient", "openai.AsyncOpenAI"),
        ("openai.chat.completions.create", "openai.OpenAI().chat.completions.create"),
        ("openai.ChatCompletion.create", "openai.ChatCompletion.create"),
        ("langfuse.openai.openai.ChatCompletion.create", "openai.ChatCompletion.create"),
        ("langfuse.openai.AsyncOpenAI().responses.create", "openai.AsyncOpenAI().responses.create"),
        ("google.genai.Client().aio.models.generate_content", "google.genai.client.AsyncClient().models.generate_content"),
        ("boto3.Session().client('bedrock').x", "boto3.client('bedrock').x"),
        ("concurrent.futures.ThreadPoolExecutor().map", "concurrent.futures.Executor().map"),
        ("concurrent.futures.ThreadPoolExecutors().map", "concurrent.futures.ThreadPoolExecutors().map"),
        ("schedule.every().day.at().do", "schedule.Job().do"),
        ("?.with_options", "?.with_options"),
    ],
)
def test_canonical(path: str, canonical: str) -> None:
    assert CATALOGUE.canonical(path) == canonical


def test_canonical_ends_on_cycles() -> None:
    circle = user(type=[{"of": "a.B", "paths": ["c.D"]}, {"of": "c.D", "paths": ["a.B"]}, {"of": "e.F.G", "paths": ["e.F"]}])
    assert circle.canonical("a.B().x") in {"a.B().x", "c.D().x"}
    assert circle.canonical("e.F").startswith("e.F.G")


# Look-ups.


@pytest.mark.parametrize(
    ("path", "provider", "surface", "mode", "moves"),
    [
        ("openai.OpenAI().chat.completions.create", "openai", "realtime", "sync", True),
        ("openai.AsyncOpenAI().responses.create", "openai", "realtime", "async", True),
        ("openai.AzureOpenAI().embeddings.create", "azure-openai", "realtime", "sync", True),
        ("openai.ChatCompletion.acreate", "openai-legacy", "realtime", "async", True),
        ("openai.OpenAI().audio.speech.create", "openai", "realtime", "sync", False),
        ("anthropic.Client().messages.create", "anthropic", "realtime", "sync", True),
        ("anthropic.AnthropicBedrock().messages.create", "anthropic-bedrock", "realtime", "sync", True),
        ("anthropic.AnthropicFoundry().messages.create", "anthropic-foundry", "realtime", "sync", False),
        ("google.generativeai.GenerativeModel().generate_content", "google-generativeai", "realtime", "sync", True),
        ("google.generativeai.generate_text", "google-generativeai", "realtime", "sync", False),
        ("boto3.client('bedrock-runtime').converse", "bedrock", "realtime", "sync", True),
        ("mistralai.client.Mistral().chat.complete_async", "mistral", "realtime", "async", True),
        ("cohere.ClientV2().chat", "cohere", "realtime", "sync", False),
        ("cohere.Client().embed", "cohere", "realtime", "sync", True),
        ("xai_sdk.AsyncClient().chat.create().sample", "xai", "realtime", "async", True),
        ("litellm.batch_completion", "litellm", "pseudo-batch", "sync", True),
        ("instructor.from_anthropic().messages.create", "instructor", "realtime", "sync", True),
        ("langchain.chat_models.ChatOpenAI()", "langchain-openai", "realtime", "sync", True),
        ("langchain_openai.ChatOpenAI().batch", "langchain-openai", "pseudo-batch", "sync", True),
        ("langchain_anthropic.ChatAnthropic().ainvoke", "langchain-anthropic", "realtime", "async", True),
        ("langchain.LLMChain().run", "langchain", "realtime", "sync", True),
        ("langchain.chains.RetrievalQA.from_chain_type().run", "langchain", "realtime", "sync", True),
        ("langchain.chains.question_answering.load_qa_chain().run", "langchain", "realtime", "sync", True),
        ("langchain.llms.Ollama().predict", "langchain-local", "local", "sync", False),
        ("langchain_huggingface.HuggingFacePipeline.from_model_id().invoke", "langchain-local", "local", "sync", False),
        ("langchain_deepseek.ChatDeepSeek().invoke", "langchain-hosted", "realtime", "sync", False),
        ("llama_index.llms.OpenAI().complete", "llama-index-openai", "realtime", "sync", True),
        ("llama_index.llms.ollama.Ollama().chat", "llama-index-local", "local", "sync", False),
        ("ollama.chat", "ollama", "local", "sync", False),
        ("transformers.pipeline()", "transformers", "local", "sync", False),
        ("autobatcher.AsyncOpenAI().chat.completions.create", "autobatcher", "batch-wait", "async", False),
    ],
)
def test_endpoints(path: str, provider: str, surface: str, mode: str, moves: bool) -> None:
    (endpoint,) = CATALOGUE.endpoints(path)
    assert (endpoint.provider, endpoint.surface, endpoint.mode, bool(endpoint.batch)) == (provider, surface, mode, moves)


@pytest.mark.parametrize(
    "path",
    [
        "openai.OpenAI",
        "openai.OpenAI()",
        "twilio.rest.Client().messages.create",
        "openai.OpenAI().beta.threads.messages.create",
        "?.create",
    ],
)
def test_no_endpoint(path: str) -> None:
    assert CATALOGUE.endpoints(path) == ()


def test_endpoints_with_requires_come_first() -> None:
    assert [row.requires for row in CATALOGUE.endpoints("openai.OpenAI().files.create")] == [(("purpose", "batch"),)]
    asked, otherwise = CATALOGUE.endpoints("google.cloud.aiplatform.BatchPredictionJob.create")
    assert (asked.surface, asked.requires, otherwise.surface) == ("batch-submit", (("sync", "False"),), "batch-wait")


def test_providers_share_batch_apis() -> None:
    legacy, current = CATALOGUE.provider("openai-legacy").batch, CATALOGUE.provider("openai").batch
    assert legacy is not None
    assert current is not None
    assert (legacy.title, legacy.discount) == (current.title, 0.5)
    assert "openai 1" in legacy.note
    assert CATALOGUE.provider("langchain-local").batch is None


def test_needles() -> None:
    assert {"openai", "google.genai", "langchain_openai", "boto3", "langfuse.openai"} <= CATALOGUE.needles
    assert "api.openai.com" in CATALOGUE.http_needles
    assert "localhost" not in CATALOGUE.http_needles


def test_hosts() -> None:
    local, deepseek = CATALOGUE.host("http://localhost:8000/v1"), CATALOGUE.host("https://api.deepseek.com/v1")
    assert local is not None
    assert local.local
    assert deepseek is not None
    assert CATALOGUE.provider(deepseek.provider).batch is None
    discounted = CATALOGUE.host("https://batch.dashscope.aliyuncs.com/compatible-mode/v1")
    assert discounted is not None
    assert discounted.discounted
    assert CATALOGUE.host("https://llm.example.com") is None


def test_tiers() -> None:
    discounts = {tier.value: tier.discount for tier in CATALOGUE.tiers("openai")}
    assert discounts["flex"] == 0.5
    assert discounts["priority"] is None
    assert CATALOGUE.tiers("cohere") == ()


def test_slow_tiers_say_what_they_save_and_fast_ones_save_nothing() -> None:
    assert {tier.speed for tier in DATA.tiers if tier.discount} == {"slower"}
    for tier in DATA.tiers:
        assert tier.discount or tier.speed == "faster" or tier.note, tier


def test_models_name_known_providers() -> None:
    assert all(model.local != bool(model.provider) for model in DATA.models)
    assert all(model.provider in CATALOGUE.providers for model in DATA.models if model.provider)
    local = CATALOGUE.model("ollama/llama3")
    assert local is not None
    assert local.local
    assert CATALOGUE.model("gpt-5") is None


def test_batch_apis_say_when_they_have_ended() -> None:
    for provider in DATA.providers:
        api = provider.batch
        if api is None:
            continue
        assert set(api.success) <= set(api.done), provider.name
        assert set(api.cancelled) < set(api.done) - set(api.success) or not api.cancelled, provider.name
        assert bool(api.done) == bool(api.success), provider.name
        assert bool(api.answers) <= bool(api.errors), provider.name
        assert not api.done or (api.id and api.status and api.failures), provider.name
        names = [name for name in (api.key, api.id, *api.status, *api.failures) if name]
        assert all(re.fullmatch(r"[\w.]+", name) for name in names), provider.name


def test_endpoints_that_take_a_list_say_where() -> None:
    for provider in CATALOGUE.providers.values():
        for endpoint in provider.endpoints:
            if endpoint.list_input and endpoint.surface != "local":
                assert endpoint.keywords, endpoint
            assert endpoint.limit is None or endpoint.list_input, endpoint


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("openai.OpenAI().with_options()", "receiver"),
        ("?.with_options()", "receiver"),
        ("openai.OpenAI().chat.completions.with_raw_response", "receiver"),
        ("langsmith.wrappers.wrap_openai()", "argument"),
        ("fastapi.Depends()", "result"),
        ("x.index.as_query_engine()", "llama_index.core.query_engine.BaseQueryEngine()"),
        ("openai.OpenAI().chat()", None),
    ],
)
def test_returns(path: str, value: str | None) -> None:
    row = CATALOGUE.returns(path)
    assert (None if row is None else row.value) == value


@pytest.mark.parametrize(
    ("match", "path", "waits"),
    [
        ("decorator", "fastapi.routing.APIRouter().post", "yes"),
        ("decorator", "flask.Flask().route()", "yes"),
        ("decorator", "celery.Celery().task", "no"),
        ("decorator", "click.command", "no"),
        ("decorator", "dbos.DBOS.workflow", "unknown"),
        ("register", "aiohttp.web.Application().router.add_post", "yes"),
        ("register", "gradio.Button().click", "yes"),
        ("register", "gradio.Button().click().then", "yes"),
        ("register", "concurrent.futures.Executor().submit", None),
        ("register", "fastapi.BackgroundTasks().add_task", "unknown"),
        ("base-class", "my_pb2_grpc.GreeterServicer", "yes"),
        ("base-class", "django.core.management.BaseCommand", "no"),
        ("annotation", "starlette.requests.Request", "yes"),
        ("call", "builtins.input", None),
    ],
)
def test_entries(match: Match, path: str, waits: str | None) -> None:
    row = CATALOGUE.entry(match, path)
    assert (None if row is None else row.waits) == waits


def test_entries_without_paths() -> None:
    assert {row.name for row in CATALOGUE.entries("body")} == {"lambda.http", "lambda.records"}
    assert "streamlit" in {row.root for row in CATALOGUE.entries("script")}


def test_progress() -> None:
    bar, gathered = CATALOGUE.progress("tqdm.auto.tqdm"), CATALOGUE.progress("tqdm.asyncio.tqdm.gather")
    assert bar is not None
    assert (bar.style, bar.argument, bar.counts) == ("iterable", 0, True)
    assert gathered is not None
    assert gathered.concurrent
    applied = CATALOGUE.progress("?.progress_apply")
    assert applied is not None
    assert applied.style == "method"
    assert CATALOGUE.progress("progress_apply") is None


def test_repetition() -> None:
    mapped, applied = CATALOGUE.repetition("concurrent.futures.ThreadPoolExecutor().map"), CATALOGUE.repetition("pandas.read_csv().apply")
    assert mapped is not None
    assert (mapped.callable, mapped.argument, mapped.concurrent) == (0, 1, True)
    assert applied is not None
    assert applied.requires == (("axis", "1|columns"),)
    assert [row.per for row in CATALOGUE.repetitions("datasets.load_dataset().map")] == ["chunk", "item"]
    column = CATALOGUE.repetition("pandas.read_csv().text.apply")
    assert column is not None
    assert column.rows
    # On a receiver of which nothing is known a method of tables counts only where the module imports pandas.
    assert [row.root for row in CATALOGUE.repetitions("?.map")] == ["pandas"]
    assert CATALOGUE.repetition("?.imap") is None
    assert CATALOGUE.repetitions("?.imap") == ()


def test_iteration_retry_and_input() -> None:
    limited, rows_ = CATALOGUE.iteration("heapq.nlargest"), CATALOGUE.iteration("?.iterrows")
    assert limited is not None
    assert (limited.argument, limited.limit) == (1, 0)
    assert rows_ is not None
    assert (rows_.effect, rows_.argument) == ("source", -1)
    retry = CATALOGUE.retry("tenacity.retry")
    assert retry is not None
    assert retry.kind == "decorator"
    spoken = CATALOGUE.user_input("builtins.input")
    assert spoken is not None
    assert spoken.medium == "repl"


def test_decorated_literals_and_sweep() -> None:
    task = CATALOGUE.decorated("celery.app.base.Celery().task()")
    assert task is not None
    assert (task.of, task.bind) == ("celery.app.task.Task()", "bind")
    assert CATALOGUE.decorated("functools.cache") is None
    assert {"boto3.client", "boto3.Session().client"} <= CATALOGUE.literal_calls
    assert {"model", "temperature", "seed"} <= set(CATALOGUE.sweep.keywords)
    assert {"models", "judge"} <= set(CATALOGUE.sweep.names)
    assert {"config", "prompt_template"} <= set(CATALOGUE.sweep.variants)


# The user's rows.


def test_user_rows_extend_and_win() -> None:
    mine = user(
        provider=[
            {"name": "gateway", "imports": ["ourllm"], "like": "openai", "batch-of": "openai", "client": [{"path": "ourllm.Client"}]},
            {"name": "openai", "imports": ["ourllm.openai"], "endpoint": [{"path": ".embeddings.create", "surface": "free"}]},
        ],
        progress=[{"name": "ours", "paths": ["tqdm.tqdm"], "style": "spinner", "audience": "terminal", "counts": False}],
        sweep={"names": ["flavour"]},
    )
    (endpoint,) = mine.endpoints("ourllm.Client().chat.completions.create")
    assert (endpoint.provider, endpoint.batch) == ("gateway", "/v1/chat/completions")
    assert [row.surface for row in mine.endpoints("openai.AsyncOpenAI().embeddings.create")] == ["free"]
    assert mine.endpoints("openai.OpenAI().chat.completions.create")
    assert mine.provider("openai").title == "OpenAI"
    assert {"ourllm", "ourllm.openai", "openai"} <= mine.needles
    bar = mine.progress("tqdm.auto.tqdm")
    assert bar is not None
    assert bar.style == "spinner"
    assert {"flavour", "models"} <= set(mine.sweep.names)


def test_braces_and_async_paths() -> None:
    endpoint: Mapping[str, object] = {"surface": "realtime", "paths": ["a.{B(),C()}.{x,y}"], "async-paths": ["a.B().z"]}
    mine = Catalogue.build(parse({"provider": [{"name": "a", "imports": ["a"], "endpoint": [endpoint]}]}, "here"))
    assert [(row.path, row.mode) for row in mine.provider("a").endpoints] == [
        *((path, "sync") for path in ("a.B().x", "a.B().y", "a.C().x", "a.C().y")),
        ("a.B().z", "async"),
    ]
    assert mine.provider("a").title == "a"


def test_nothing_is_a_catalogue_too() -> None:
    assert parse({}, "here") == CatalogueData()
    assert merge([]) == CatalogueData()
    assert Catalogue.build(CatalogueData()).needles == frozenset()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"providers": []}, "here: unknown key 'providers'; did you mean 'provider'?"),
        ({"provider": {"name": "x"}}, "here: provider: expected a list of tables, found a table"),
        ({"provider": ["x"]}, "here: provider #1: expected a table, found text"),
        ({"provider": [{"title": "x"}]}, "here: provider #1: missing key 'name'"),
        ({"provider": [{"name": "acme", "imprts": ["a"]}]}, "here: provider #1 (acme): unknown key 'imprts'; did you mean 'imports'?"),
        ({"provider": [{"name": "acme", "imports": "a"}]}, "here: provider #1 (acme) imports: expected a list, found text"),
        ({"provider": [{"name": "acme", "imports": [1]}]}, "here: provider #1 (acme) imports: expected text, found a number"),
        (
            {"provider": [{"name": "a", "endpoint": [{"path": ".b", "surface": "free"}, {"path": ".c", "surface": "realtme"}]}]},
            "here: provider #1 (a) endpoint #2 (.c) surface: unknown value 'realtme'; did you mean 'realtime'?; one of realtime, ",
        ),
        (
            {"provider": [{"name": "a", "batch": {"title": "b", "window-hours": True}}]},
            "window-hours: expected a number, found true or false",
        ),
        ({"provider": [{"name": "a", "endpoint": [{"provider": "b", "path": "c", "surface": "free"}]}]}, "unknown key 'provider'"),
        ({"provider": [{"name": "a", "endpoint": [{"path": "b", "paths": ["c"], "surface": "free"}]}]}, "has both 'path' and 'paths'"),
        ({"provider": [{"name": "a", "endpoint": [{"path": 1, "surface": "free"}]}]}, "expected text, found a number"),
        ({"provider": [{"name": "a", "endpoint": [{"path": "b", "surface": 1}]}]}, "surface: expected text, found a number"),
        (
            {"provider": [{"name": "a", "endpoint": [{"path": "b", "surface": "free", "requires": []}]}]},
            "requires: expected a table, found a list",
        ),
        ({"sweep": {"things": []}}, "here: sweep: unknown key 'things'"),
        (
            {"tier": [{"provider": "a", "keyword": "k", "value": "v", "discount": "half"}]},
            "here: tier #1 discount: expected a number, found text",
        ),
        (
            {"entry": [{"name": "x", "framework": "y", "match": "decorater"}]},
            "here: entry #1 (x) match: unknown value 'decorater'; did you mean 'decorator'?",
        ),
        ({"literal-calls": ["a", 1.5]}, "here: literal-calls: expected text, found a number"),
    ],
)
def test_bad_tables(table: Mapping[str, object], message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        parse(table, "here")
    assert message in str(caught.value)


def test_unknown_provider_in_a_reference() -> None:
    with pytest.raises(CatalogueError, match="provider a: there is no provider 'opnai'; did you mean 'openai'"):
        user(provider=[{"name": "a", "like": "opnai"}])


def test_unreadable_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[[provider", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"broken\.toml"):
        loading.read(broken)
    with pytest.raises(CatalogueError, match=r"missing\.toml"):
        loading.read(tmp_path / "missing.toml")
