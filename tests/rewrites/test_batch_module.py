"""The batch module with the real SDKs: rehearsals, batches and answers of every provider, and what happens when something fails."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import groq
import openai
import pytest
import together
from google import genai
from jobs import Limits
from loopback_server import Server
from mistralai.client import Mistral

from surfacelint.codemods import llm_batch
from surfacelint.codemods.llm_batch import BatchRun, async_prepared, batchable, pause, prepared

# The SDKs close their connections when their clients are collected.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PROMPTS = ["Say one", "Say two", "Say three", "Say one"]
_sleep, _async_sleep = time.sleep, asyncio.sleep


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let sleeps end at once, and note how long they were."""
    seconds: list[float] = []

    def sleep(delay: float) -> None:
        seconds.append(delay)
        _sleep(min(delay, 0.001))

    async def async_sleep(delay: float, result: object = None) -> object:
        seconds.append(delay)
        return await _async_sleep(min(delay, 0.005), result)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(asyncio, "sleep", async_sleep)
    return seconds


@pytest.fixture(autouse=True, scope="module")
def collected() -> Iterator[None]:
    """Collect the clients where warnings about their connections are ignored."""
    yield
    gc.collect()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        _lead_to(running, monkeypatch)
        yield running
        assert running.counts.violations == []
        assert llm_batch._active() is None
        assert llm_batch._open == []


@contextlib.contextmanager
def limited(monkeypatch: pytest.MonkeyPatch, **limits: int) -> Iterator[Server]:
    with Server(Limits(**limits)) as running:
        _lead_to(running, monkeypatch)
        yield running
        assert running.counts.violations == []


def _lead_to(running: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(openai, "api_type", "openai")
    openai._reset_client()


def _user(prompt: str) -> Any:
    return [{"role": "user", "content": prompt}]


def chat(client: Any, prompt: str, model: str = "m-1") -> Any:
    return client.chat.completions.create(model=model, messages=_user(prompt), temperature=0.5)


def response(client: Any, prompt: str) -> Any:
    return client.responses.create(model="gpt-5", input=prompt, timeout=9, extra_headers={"x-trace": "1"}, extra_body={"seed": 3})


def embedding(client: Any, prompt: str) -> Any:
    return client.embeddings.create(model="m-1", input=prompt)


def moderation(client: Any, prompt: str) -> Any:
    return client.moderations.create(model="m-1", input=prompt)


def message(client: Any, prompt: str) -> Any:
    return client.messages.create(model="m-1", max_tokens=9, messages=_user(prompt))


def mistral_chat(client: Any, prompt: str) -> Any:
    return client.chat.complete(model="m-1", messages=_user(prompt))


def mistral_embedding(client: Any, prompt: str) -> Any:
    return client.embeddings.create(model="m-1", inputs=[prompt])


def content(client: Any, prompt: str) -> Any:
    config = {
        "temperature": 0.5,
        "system_instruction": "Be kind",
        "response_schema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
    }
    return client.models.generate_content(model="gemini-1", contents=prompt, config=config)


Ask = Callable[[Any, str], Any]


def _mistral(server: Server) -> Mistral:
    return Mistral(api_key="secret", server_url=f"{server.address}/mistral")


def _gemini(server: Server) -> genai.Client:
    return genai.Client(api_key="secret", http_options={"base_url": f"{server.address}/gemini"})


SYNC: dict[str, tuple[Callable[[Server], Any], Ask]] = {
    "openai chat": (lambda _: openai.OpenAI(), chat),
    "openai responses": (lambda _: openai.OpenAI(), response),
    "openai embeddings": (lambda _: openai.OpenAI(), embedding),
    "openai moderations": (lambda _: openai.OpenAI(), moderation),
    "openai module": (lambda _: openai, chat),
    "azure": (lambda _: openai.AzureOpenAI(), chat),
    "azure responses": (lambda _: openai.AzureOpenAI(), response),
    "groq": (lambda _: groq.Groq(), chat),
    "together": (lambda _: together.Together(), chat),
    "anthropic": (lambda _: anthropic.Anthropic(), message),
    "mistral": (_mistral, mistral_chat),
    "mistral embeddings": (_mistral, mistral_embedding),
    "gemini": (_gemini, content),
}

ASYNC: dict[str, tuple[Callable[[Server], Any], Callable[[Any, str], Awaitable[Any]]]] = {
    "openai": (lambda _: openai.AsyncOpenAI(), chat),
    "openai responses": (lambda _: openai.AsyncOpenAI(), response),
    "openai embeddings": (lambda _: openai.AsyncOpenAI(), embedding),
    "azure": (lambda _: openai.AsyncAzureOpenAI(), chat),
    "groq": (lambda _: groq.AsyncGroq(), chat),
    "together": (lambda _: together.AsyncTogether(), chat),
    "anthropic": (lambda _: anthropic.AsyncAnthropic(), message),
    "mistral": (_mistral, lambda client, prompt: client.chat.complete_async(model="m-1", messages=_user(prompt))),
    "gemini": (_gemini, lambda client, prompt: content(client.aio, prompt)),
    "gemini aio": (lambda server: _gemini(server).aio, content),
}


def dumped(answer: Any) -> Any:
    """An answer as plain data; an error as its type and text."""
    if isinstance(answer, Exception):
        return type(answer), str(answer)
    return type(answer), json.loads(answer.model_dump_json(exclude={"sdk_http_response"}))


def attempt(ask: Ask, client: Any, prompt: str) -> Any:
    try:
        return dumped(ask(client, prompt))
    except Exception as error:
        return dumped(error)


def in_passes(ask: Callable[[Any], Any], items: Any, **options: Any) -> list[Any]:
    """Ask for each item in a loop that runs in passes."""
    run, found = BatchRun(**options), []
    for item in run.passes(items):
        with run.item():
            answer = ask(item)
            run.last_pass_only()
            found.append(answer)
    return found


@pytest.mark.parametrize("name", SYNC)
def test_answers_are_those_of_realtime_requests(server: Server, name: str) -> None:
    made, ask = SYNC[name]
    client = made(server)
    items = [*PROMPTS, "Say four FAIL_ITEM"]
    expected = [attempt(ask, client, prompt) for prompt in items]
    before = server.counts.realtime_requests
    assert in_passes(lambda prompt: attempt(ask, batchable(client), prompt), items) == expected
    assert (server.counts.realtime_requests - before, server.counts.jobs) == (0, [5])


@pytest.mark.parametrize("name", ASYNC)
def test_asynchronous_answers_are_those_of_realtime_requests(server: Server, name: str) -> None:
    made, ask = ASYNC[name]

    async def main() -> None:
        client = made(server)
        to_close = client.aio if isinstance(client, genai.Client) else client

        async def tried(client: Any, prompt: str) -> Any:
            try:
                return dumped(await ask(client, prompt))
            except Exception as error:
                return dumped(error)

        items = [*PROMPTS, "Say four FAIL_ITEM"]
        async with to_close:
            expected = [await tried(client, prompt) for prompt in items]
            before, run, found = server.counts.realtime_requests, BatchRun(), []
            async for prompt in run.async_passes(items):
                with run.item():
                    found.append(await tried(batchable(client), prompt))
            async with async_prepared(lambda prompt: tried(batchable(client), prompt), items):
                gathered = await asyncio.gather(*[tried(batchable(client), prompt) for prompt in items])
        assert found == gathered == expected
        assert (server.counts.realtime_requests - before, server.counts.jobs) == (0, [5, 5])

    asyncio.run(main())


EXPIRING = {
    "openai chat": openai.InternalServerError,
    "azure": openai.InternalServerError,
    "groq": groq.InternalServerError,
    "together": together.InternalServerError,
    "anthropic": anthropic.InternalServerError,
    "mistral": None,
    "gemini": genai.errors.ServerError,
}


@pytest.mark.parametrize("name", EXPIRING)
@pytest.mark.parametrize("marker", ["EXPIRE_ITEM", "DROP_ITEM"])
def test_a_request_without_an_answer_raises_the_exception_of_the_sdk(server: Server, name: str, marker: str) -> None:
    made, ask = SYNC[name]
    client = made(server)
    found = in_passes(lambda prompt: attempt(ask, batchable(client), prompt), ["Say one", f"Say two {marker}"])
    kind, text = found[1]
    assert issubclass(kind, EXPIRING[name] or Exception)
    assert "504" in text
    assert found[0] == attempt(ask, client, "Say one")
    assert server.counts.jobs == [2]


@pytest.mark.parametrize("name", EXPIRING)
def test_a_failed_job_fails_its_requests_with_the_error_of_the_job(server: Server, name: str) -> None:
    made, ask = SYNC[name]
    client = made(server)
    found = in_passes(lambda prompt: attempt(ask, batchable(client), prompt), ["Say one", "Say two FAIL_JOB"])
    problem = "failed" if name == "gemini" else "The job failed."  # the SDK of Gemini drops the error of a job
    assert all("400" in text and problem in text for _, text in found)
    assert server.counts.jobs == [2]


@pytest.mark.parametrize("name", EXPIRING)
def test_an_expired_job_fails_its_requests(server: Server, name: str) -> None:
    made, ask = SYNC[name]
    client = made(server)
    found = in_passes(lambda prompt: attempt(ask, batchable(client), prompt), ["Say one", "Say two EXPIRE_JOB"])
    assert "504" in found[1][1]
    assert name == "gemini" or found[0] == attempt(ask, client, "Say one")


@pytest.mark.parametrize("name", ["openai chat", "groq", "together", "anthropic"])
def test_requests_that_the_sdk_would_retry_get_a_second_batch(server: Server, name: str) -> None:
    made, ask = SYNC[name]
    client = made(server)
    expected = attempt(ask, client, "Say BUSY_ITEM")
    server.books.busy.clear()
    assert in_passes(lambda prompt: attempt(ask, batchable(client), prompt), ["Say one", "Say BUSY_ITEM"])[1] == expected
    assert server.counts.jobs == [2, 1]
    server.books.busy.clear()
    assert in_passes(lambda prompt: attempt(ask, batchable(client.with_options(max_retries=0)), prompt), ["Say BUSY_ITEM"])[0] != expected
    assert server.counts.jobs == [2, 1, 1]


def test_azure_requests_name_their_deployment(server: Server) -> None:
    client = openai.AzureOpenAI(azure_deployment="mine")
    [answer] = in_passes(lambda prompt: chat(batchable(client), prompt), ["Say one"])
    assert answer.model == "mine"


def test_structured_answers_are_parsed(server: Server) -> None:
    from pydantic import BaseModel

    class Label(BaseModel):
        label: str
        score: int

    client, gemini = openai.OpenAI(), _gemini(server)

    def label(prompt: str) -> Any:
        parsed = batchable(client).chat.completions.parse(model="m-1", messages=_user(prompt), response_format=Label)
        other = batchable(client).responses.parse(model="m-1", input=prompt, text_format=Label)
        return parsed.choices[0].message.parsed, other.output_parsed

    def of_gemini(prompt: str) -> Any:
        config: Any = {"response_mime_type": "application/json", "response_schema": Label}
        return batchable(gemini).models.generate_content(model="gemini-1", contents=prompt, config=config).parsed

    expected = [label("Say one"), of_gemini("Say one")]
    assert in_passes(lambda prompt: [label(prompt), of_gemini(prompt)], ["Say one"], stages=3) == [expected]
    assert server.counts.jobs == [1, 1, 1]
    assert all(isinstance(each, Label) for each in [*expected[0], expected[1]])


def test_anthropic_structured_answers_and_betas(server: Server) -> None:
    from pydantic import BaseModel

    class Label(BaseModel):
        label: str

    client = anthropic.Anthropic()

    def label(prompt: str) -> Any:
        return batchable(client).messages.parse(model="m-1", max_tokens=9, messages=_user(prompt), output_format=Label).parsed_output

    assert in_passes(label, ["Say one"]) == [label("Say one")]
    in_passes(
        lambda beta: batchable(client).beta.messages.create(model="m-1", max_tokens=9, messages=_user("Hi"), betas=[beta]), ["a", "b", "a"]
    )
    assert server.counts.jobs == [1, 2, 1]


def test_batches_are_divided_by_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [f"Say {number}" for number in range(7)]
    with limited(monkeypatch, requests=3) as server:
        monkeypatch.setattr(llm_batch._OpenAI, "most_requests", 3)
        client = openai.OpenAI()
        assert in_passes(lambda prompt: attempt(chat, batchable(client), prompt), items) == [attempt(chat, client, each) for each in items]
        assert server.counts.jobs == [3, 3, 1]
    with limited(monkeypatch, size=1200) as server:
        monkeypatch.setattr(llm_batch._Anthropic, "most_bytes", 1200)
        in_passes(lambda prompt: message(batchable(anthropic.Anthropic()), prompt), items)
        assert 1 < len(server.counts.jobs) < 7


def test_inputs_of_embeddings_count_as_requests(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_batch._OpenAI, "most_requests", 4)
    in_passes(
        lambda texts: batchable(openai.OpenAI()).embeddings.create(model="m-1", input=texts), [["a", "b"], ["c", "d"], ["e"], ["f"] * 5]
    )
    assert server.counts.jobs == [2, 1, 1]


def test_each_model_and_account_has_a_batch_unless_batches_take_several_models(server: Server) -> None:
    def ask(item: tuple[str, str]) -> Any:
        return chat(batchable(openai.OpenAI(api_key=item[0])), "Say one", item[1])

    in_passes(ask, [("k", "m-1"), ("k", "m-2"), ("other", "m-1"), ("k", "m-1")])
    assert sorted(server.counts.jobs) == [1, 1, 2]
    for model in ("m-1", "m-2"):
        assert chat(openai.OpenAI(), "Say one", model).model == model
    server.counts.jobs.clear()


def test_equal_requests_get_one_answer_each(server: Server) -> None:
    client = openai.OpenAI()
    found = in_passes(lambda prompt: chat(batchable(client), prompt), ["Say one"] * 3)
    assert len({id(each) for each in found}) == 3
    assert server.counts.jobs == [3]


def test_no_items_or_no_requests_make_no_batch(server: Server) -> None:
    client = openai.OpenAI()
    assert in_passes(lambda prompt: chat(batchable(client), prompt), []) == []
    assert in_passes(len, ["a", "bb"], stages=2) == [1, 2]
    with prepared(lambda prompt: chat(batchable(client), prompt), []):
        pass
    assert server.counts.jobs == []


def test_a_chain_takes_one_batch_a_stage(server: Server) -> None:
    client = openai.OpenAI()

    def twice(prompt: str) -> str:
        first = chat(batchable(client), prompt).choices[0].message.content
        return str(chat(batchable(client), f"Translate {first}").choices[0].message.content)

    assert in_passes(twice, PROMPTS, stages=2) == [twice(prompt) for prompt in PROMPTS]
    assert server.counts.jobs == [4, 4]


def test_a_request_that_no_rehearsal_has_seen_gets_a_batch_of_its_own(server: Server) -> None:
    client = openai.OpenAI()

    def twice(prompt: str) -> str:
        first = chat(batchable(client), prompt).choices[0].message.content
        return str(chat(batchable(client), f"Translate {first}").choices[0].message.content)

    assert in_passes(twice, ["Say one", "Say two"]) == [twice("Say one"), twice("Say two")]
    assert server.counts.jobs == [2, 1, 1]


def test_own_retries_are_answered_from_further_batches(server: Server) -> None:
    client = openai.OpenAI(max_retries=0)

    def patiently(prompt: str) -> Any:
        for _ in range(3):
            try:
                return chat(batchable(client), prompt).choices[0].message.content
            except openai.APIStatusError as error:  # noqa: PERF203
                last = error
        return type(last)

    found = in_passes(patiently, ["Say one", "Say BUSY_ITEM two", "Say FAIL_ITEM three"], attempts=3)
    assert found == [patiently("Say one"), patiently("Say BUSY_ITEM two"), openai.BadRequestError]
    assert server.counts.jobs == [3, 2, 1]


def test_an_exception_before_a_request_comes_after_the_items_before_it(server: Server) -> None:
    client, done = openai.OpenAI(), []

    def ask(item: object) -> None:
        done.append(chat(batchable(client), item.strip()).id)  # type: ignore[attr-defined]

    with pytest.raises(AttributeError):
        in_passes(ask, ["Say one", "Say two", 3, "Say four"])
    assert len(done) == 2
    assert server.counts.jobs == [2]


def test_an_exit_before_a_request_comes_after_the_items_before_it(server: Server) -> None:
    client, done = openai.OpenAI(), []

    def ask(item: str) -> None:
        if item == "stop":
            sys.exit(3)
        done.append(chat(batchable(client), item).id)

    with pytest.raises(SystemExit):
        in_passes(ask, ["Say one", "stop", "Say two"])
    assert len(done) == 1
    assert server.counts.jobs == [1]


def test_interrupts_end_a_rehearsal(server: Server) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_passes(interrupted, ["a"])
    assert server.counts.jobs == []


def test_an_exception_in_the_last_pass_leaves_no_run_behind(server: Server) -> None:
    client = openai.OpenAI()

    def ask(prompt: str) -> None:
        raise ValueError(chat(batchable(client), prompt).id)

    with pytest.raises(ValueError, match="chatcmpl"):
        in_passes(ask, ["Say one"])
    before = server.counts.realtime_requests
    chat(batchable(client), "Say two")
    assert server.counts.realtime_requests == before + 1


def test_an_exception_that_the_loop_handles_does_not_end_it(server: Server) -> None:
    client, run, found = openai.OpenAI(), BatchRun(), []
    for document in run.passes([["Say one", "Say FAIL_ITEM"], ["Say two"], ["Say three"]]):
        with run.item():
            try:
                for part in run.passes(document):
                    with run.item():
                        found.append(chat(batchable(client), part).choices[0].message.content)
            except openai.BadRequestError:
                found.append("failed")
    assert [each.split(" [")[0] for each in found] == ["Say one", "failed", "Say two", "Say three"]
    assert server.counts.jobs == [4]


def test_containers_are_reset_before_each_pass(server: Server) -> None:
    client, run = openai.OpenAI(), BatchRun(stages=2)
    seen, counts, order = {"Say zero"}, {"all": 1}, ["first"]
    found = []
    for prompt in run.passes([*PROMPTS, "Say zero"], resetting=[seen, counts, order]):
        with run.item():
            order.append(prompt)
            counts["all"] += 1
            if prompt in seen:
                continue
            seen.add(prompt)
            first = chat(batchable(client), prompt).choices[0].message.content
            found.append(chat(batchable(client), f"Again {first}").id)
    assert order == ["first", *PROMPTS, "Say zero"]
    assert counts == {"all": 6}
    assert len(found) == 3
    assert server.counts.jobs == [3, 3]


def test_rehearsals_are_silent(server: Server, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    client, log = openai.OpenAI(), logging.getLogger("mine")

    def ask(prompt: str) -> None:
        print("asking", prompt)
        print("careful", file=sys.stderr)
        log.warning("about to ask %s", prompt)
        answer = chat(batchable(client), prompt)
        sys.stdout.write(f"{answer.choices[0].message.content[:7]}\n")

    with caplog.at_level(logging.INFO, logger="mine"):
        in_passes(ask, ["Say one", "Say two"])
        log.warning("done")
    print("done")
    assert capsys.readouterr() == ("asking Say one\nSay one\nasking Say two\nSay two\ndone\n", "careful\ncareful\n")
    assert [record.message for record in caplog.records if record.name == "mine"] == [
        "about to ask Say one",
        "about to ask Say two",
        "done",
    ]


def test_the_log_has_the_ids_of_batches_whose_answers_are_lost(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    client = openai.OpenAI()

    def broken(prompt: str) -> None:
        raise ValueError(chat(batchable(client), prompt).id)

    in_passes(lambda prompt: chat(batchable(client), prompt), PROMPTS)
    assert caplog.messages == []
    with pytest.raises(ValueError, match="chatcmpl"):
        in_passes(broken, ["Say one", "Say two"])
    assert caplog.messages == [f"answers may be left in batches {list(server.books.jobs)[-1]}"]


def test_the_log_has_the_ids_of_batches_when_waiting_is_interrupted(
    server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        in_passes(lambda prompt: chat(batchable(openai.OpenAI()), prompt), ["Say one"])
    assert caplog.messages == [f"answers may be left in batches {list(server.books.jobs)[-1]}"]


def test_bars_show_how_many_requests_are_done(server: Server) -> None:
    shown: list[int] = []

    def bar(ticks: Any) -> Iterator[int]:
        for tick in ticks:
            shown.append(tick)
            yield tick

    client, run = openai.OpenAI(), BatchRun()
    for prompt in run.passes(PROMPTS, bar=bar):
        with run.item():
            chat(batchable(client), prompt)
    assert shown == [0, 1, 2, 3]


def test_pauses_between_polls_grow_up_to_a_minute(monkeypatch: pytest.MonkeyPatch, quick: list[float]) -> None:
    with limited(monkeypatch, polls=10):
        in_passes(lambda prompt: chat(batchable(openai.OpenAI()), prompt), ["Say one"])
    assert quick[:9] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_batch_that_does_not_end_in_time_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    with limited(monkeypatch, polls=10**9) as server:
        monkeypatch.setattr(llm_batch._OpenAI, "hours", 0)
        with pytest.raises(TimeoutError, match="batch-0002 has not ended in time"):
            in_passes(lambda prompt: chat(batchable(openai.OpenAI()), prompt), ["Say one"])
        assert server.counts.polls == 1


def test_an_error_in_a_submission_is_raised(server: Server) -> None:
    client = openai.OpenAI(base_url=f"{server.address}/nowhere/v1")
    with pytest.raises(openai.NotFoundError):
        in_passes(lambda prompt: chat(batchable(client), prompt), ["Say one"])
    server.counts.violations.clear()


def test_pauses_are_for_realtime_requests(server: Server, quick: list[float]) -> None:
    client = openai.OpenAI()

    def ask(prompt: str) -> None:
        chat(batchable(client), prompt)
        pause(77)

    in_passes(ask, ["Say one", "Say two"])
    assert 77 not in quick
    pause(77)
    assert 77 in quick


def test_prepared_answers_comprehensions_map_and_threads(server: Server) -> None:
    client = openai.OpenAI()

    def ask(prompt: str) -> str:
        return str(chat(batchable(client), prompt).choices[0].message.content)

    expected, before = [ask(prompt) for prompt in PROMPTS], server.counts.realtime_requests
    with prepared(ask, PROMPTS):
        assert [ask(prompt) for prompt in PROMPTS] == expected
    with prepared(ask, PROMPTS):
        assert list(map(ask, PROMPTS)) == expected
    with prepared(ask, PROMPTS), ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, PROMPTS)) == expected
    with ThreadPoolExecutor(4) as pool, prepared(ask, PROMPTS):
        assert [future.result() for future in [pool.submit(ask, prompt) for prompt in PROMPTS]] == expected
    assert (server.counts.realtime_requests, server.counts.jobs) == (before, [4, 4, 4, 4])


def test_threads_inside_of_an_item_are_rehearsed(server: Server) -> None:
    client = openai.OpenAI()

    def both(prompt: str) -> list[str]:
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(chat, batchable(client), f"{prompt} {side}") for side in ("left", "right")]
            return [future.result().choices[0].message.content for future in futures]

    assert in_passes(both, PROMPTS) == [both(prompt) for prompt in PROMPTS]
    assert server.counts.jobs == [8]


@pytest.mark.parametrize("with_prepared", [False, True])
def test_inner_loops_join_the_outer_run(server: Server, with_prepared: bool) -> None:
    client = openai.OpenAI()

    def ask(prompt: str) -> str:
        return str(chat(batchable(client), prompt).choices[0].message.content)

    def looped(parts: list[str]) -> list[str]:
        run, found = BatchRun(), []
        for part in run.passes(parts):
            with run.item():
                found.append(ask(part))
        return found

    def comprehended(parts: list[str]) -> list[str]:
        with prepared(ask, parts):
            return [ask(part) for part in parts]

    def summary(parts: list[str]) -> str:
        return ask(" ".join((comprehended if with_prepared else looped)(parts)))

    documents = [PROMPTS, ["Say five"], [], ["Say one", "Say one"]]
    found = in_passes(summary, documents, stages=2)
    assert server.counts.jobs == [8, 3]
    assert found == [summary(parts) for parts in documents[:2]] + [found[2], summary(documents[3])]


def test_several_items_of_one_iteration_share_a_stage(server: Server) -> None:
    client, run, found = openai.OpenAI(), BatchRun(), []
    for prompt in run.passes(PROMPTS):
        with run.item():
            with run.item():
                title = chat(batchable(client), f"Title of {prompt}").id
            with run.item():
                label = chat(batchable(client), f"Label of {prompt}").id
            run.last_pass_only()
            found.append((title, label))
    assert len(found) == 4
    assert server.counts.jobs == [8]


def test_items_may_come_from_a_generator(server: Server) -> None:
    client = openai.OpenAI()
    assert len(in_passes(lambda prompt: chat(batchable(client), prompt), (prompt for prompt in PROMPTS))) == 4
    assert server.counts.jobs == [4]


def test_an_exception_of_the_items_comes_after_the_items_before_it(server: Server) -> None:
    client, done = openai.OpenAI(), []

    def prompts() -> Iterator[str]:
        yield from PROMPTS[:2]
        raise ValueError("row 3 is broken")

    run = BatchRun()
    with pytest.raises(ValueError, match="row 3"):
        for prompt in run.passes(prompts()):
            with run.item():
                done.append(chat(batchable(client), prompt).id)
    assert len(done) == 2
    assert server.counts.jobs == [2]
    run = BatchRun()
    for prompt in run.passes(prompts()):
        with run.item():
            if prompt == PROMPTS[1]:
                run.stop()
                continue
            chat(batchable(client), prompt)
    assert server.counts.jobs == [2, 1]


def test_a_loop_that_stops_does_not_stop_the_loop_around_it(server: Server) -> None:
    client, run, found = openai.OpenAI(), BatchRun(), []
    for document in run.passes([PROMPTS, ["Say five"], ["end"], ["Say six"]]):
        with run.item():
            if document == ["end"]:
                run.stop()
                continue
            for part in run.passes(document):
                with run.item():
                    if part == "Say three":
                        run.stop()
                        continue
                    found.append(chat(batchable(client), part).choices[0].message.content.split(" [")[0])
    assert found == ["Say one", "Say two", "Say five"]
    assert server.counts.jobs == [3]


def test_items_may_come_from_an_asynchronous_generator(server: Server) -> None:
    async def prompts() -> AsyncIterator[str]:
        for prompt in PROMPTS:
            yield prompt

    async def main() -> int:
        run, found = BatchRun(), []
        async with openai.AsyncOpenAI() as client:
            async for prompt in run.async_passes(prompts()):
                with run.item():
                    found.append(await chat(batchable(client), prompt))
        return len(found)

    assert asyncio.run(main()) == 4
    assert server.counts.jobs == [4]


@pytest.mark.parametrize("with_group", [False, True])
def test_requests_that_an_item_sends_at_once_share_a_stage(server: Server, with_group: bool) -> None:
    if with_group and sys.version_info < (3, 11):
        pytest.skip("asyncio has no TaskGroup")

    async def both(client: Any, prompt: str) -> list[str]:
        requests = [chat(batchable(client), f"{prompt} {side}") for side in ("left", "right")]
        if not with_group:
            return [each.id for each in await asyncio.gather(*requests)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in requests]
        return [task.result().id for task in tasks]

    async def main() -> None:
        run, found = BatchRun(), []
        async with openai.AsyncOpenAI() as client:
            async for prompt in run.async_passes(PROMPTS):
                with run.item():
                    found.append(await both(client, prompt))
        assert len(found) == 4
        assert server.counts.jobs == [8]

    asyncio.run(main())


def test_concurrent_runs_are_apart(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    async def category(name: str) -> list[str]:
        run, found = BatchRun(), []
        async with openai.AsyncOpenAI() as client:
            async for number in run.async_passes(range(3)):
                with run.item():
                    print(name, number)
                    await asyncio.sleep(0.001)
                    answer = await chat(batchable(client), f"{name} {number}")
                    found.append(answer.choices[0].message.content.split(" [")[0])
        return found

    async def main() -> list[list[str]]:
        return await asyncio.gather(*[category(name) for name in "ab"])

    assert asyncio.run(main()) == [["a 0", "a 1", "a 2"], ["b 0", "b 1", "b 2"]]
    assert sorted(capsys.readouterr().out.splitlines()) == ["a 0", "a 1", "a 2", "b 0", "b 1", "b 2"]
    assert server.counts.jobs == [3, 3]


def test_a_cancelled_or_failed_task_leaves_no_run_behind(server: Server) -> None:
    async def main() -> None:
        run = BatchRun()
        async with openai.AsyncOpenAI() as client:
            with pytest.raises(ValueError, match="broken"):
                async for prompt in run.async_passes(PROMPTS):
                    with run.item():
                        await chat(batchable(client), prompt)
                        raise ValueError("broken")
        assert llm_batch._active() is None

        async def endless() -> None:
            run = BatchRun()
            async for _ in run.async_passes(PROMPTS):
                with run.item():
                    await asyncio.Event().wait()

        task = asyncio.ensure_future(endless())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert llm_batch._open == []

    asyncio.run(main())
    assert server.counts.jobs == [4]


def test_asynchronous_functions_may_run_in_a_synchronous_loop(server: Server) -> None:
    async def ask(prompt: str) -> str:
        async with openai.AsyncOpenAI() as client:
            return str((await chat(batchable(client), prompt)).id)

    assert len(in_passes(lambda prompt: asyncio.run(ask(prompt)), PROMPTS)) == 4
    assert server.counts.jobs == [4]


def test_synchronous_clients_may_be_used_in_coroutines(server: Server) -> None:
    client = anthropic.Anthropic()

    async def main() -> list[Any]:
        run, found = BatchRun(), []
        async for prompt in run.async_passes(PROMPTS):
            with run.item():
                found.append(await asyncio.to_thread(message, batchable(client), prompt))
        return found

    assert len(asyncio.run(main())) == 4
    assert server.counts.jobs == [4]


def test_several_providers_share_a_run(server: Server) -> None:
    clients: list[tuple[Any, Ask]] = [(openai.OpenAI(), chat), (anthropic.Anthropic(), message), (_gemini(server), content)]
    run, found = BatchRun(), []
    for client, ask in run.passes(clients):
        with run.item():
            found.append(ask(batchable(client), "Say one"))
    assert [dumped(each) for each in found] == [dumped(ask(client, "Say one")) for client, ask in clients]
    assert server.counts.jobs == [1, 1, 1]


def test_streams_and_other_clients_stay_realtime_and_run_once(server: Server) -> None:
    client, calls, words = openai.OpenAI(), [], []

    class Other:
        def ask(self) -> None:
            calls.append(1)

    run = BatchRun()
    for _ in run.passes(["a", "b"]):
        with run.item():
            batchable(Other()).ask()
            stream: Any = batchable(client).chat.completions.create(model="m-1", messages=_user("Say one"), stream=True)
            words.append("".join(chunk.choices[0].delta.content or "" for chunk in stream))
    assert len(calls) == 2
    assert all("Say one" in each for each in words)
    assert (server.counts.realtime_requests, server.counts.jobs) == (2, [])
