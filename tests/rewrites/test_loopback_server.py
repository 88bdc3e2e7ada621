"""The imitated providers, asked through their own SDKs: a batch of the same bodies gives the realtime answers, and failures show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
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

PROMPTS = ["Say one", "Say two FAIL_ITEM", "Say three EXPIRE_ITEM", "Say four DROP_ITEM", "Say five"]
SOUND = ["0", "4"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def chat_body(prompt: str) -> dict[str, Any]:
    return {"model": "m-1", "messages": [{"role": "user", "content": prompt}], "max_tokens": 9}


def batch_lines(url: str, bodies: list[dict[str, Any]]) -> bytes:
    return "\n".join(
        json.dumps({"custom_id": str(n), "method": "POST", "url": url, "body": body}) for n, body in enumerate(bodies)
    ).encode()


def through_files(client: Any, url: str, bodies: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers and failures, each by custom id."""
    file = client.files.create(file=("x.jsonl", batch_lines(url, bodies)), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint=url, completion_window="24h")
    seen = [batch.status]
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        batch = client.batches.retrieve(batch.id)
        seen.append(batch.status)
    assert len(seen) == 3
    found: list[dict[str, Any]] = []
    for name in (batch.output_file_id, batch.error_file_id):
        content = client.files.content(name).text if name else ""
        entries = [json.loads(line) for line in (content() if callable(content) else content).splitlines()]
        found.append({entry["custom_id"]: (entry["response"] or {}).get("body", entry["error"]) for entry in entries})
    return found[0], found[1]


@pytest.mark.parametrize("vendor", ["openai", "azure", "groq"])
def test_chat_batches_through_files(server: Server, vendor: str) -> None:
    clients: dict[str, Any] = {"openai": openai.OpenAI, "azure": openai.AzureOpenAI, "groq": groq.Groq}
    with clients[vendor]() as client:
        realtime = {n: client.chat.completions.create(**chat_body(PROMPTS[int(n)])).model_dump(exclude_unset=True) for n in SOUND}
        for prompt in PROMPTS[1:4]:
            with pytest.raises((openai.BadRequestError, groq.BadRequestError)):
                client.chat.completions.create(**chat_body(prompt))
        answers, errors = through_files(client, "/v1/chat/completions", [chat_body(prompt) for prompt in PROMPTS])
    assert answers == realtime
    assert list(answers) != sorted(answers) or len(answers) < 3
    assert sorted(errors) == ["1", "2"]
    assert errors["2"]["code"] == "batch_expired"
    assert server.counts.jobs == [5]
    assert server.counts.realtime == {"/chat/completions": 5}
    assert (server.counts.uploads, server.counts.violations) == (1, [])


def test_embeddings_and_responses_are_equal_on_both_surfaces(server: Server) -> None:
    with openai.OpenAI() as client:
        embedded = client.embeddings.create(model="text-embedding-3-small", input=["a b", "c"])
        answers, _ = through_files(client, "/v1/embeddings", [{"model": "text-embedding-3-small", "input": ["a b", "c"]}])
        batched = openai.types.CreateEmbeddingResponse.model_validate(answers["0"])
        assert [one.embedding for one in batched.data] == [one.embedding for one in embedded.data]
        answered = client.responses.create(model="gpt-5-mini", input="Say it", instructions="Be kind")
        bodies = [{"model": "gpt-5-mini", "input": "Say it", "instructions": "Be kind"}]
        answers, _ = through_files(client, "/v1/responses", bodies)
        assert openai.types.responses.Response.model_validate(answers["0"]).output_text == answered.output_text
        assert client.moderations.create(input=["good", "bad"]).results[1].flagged
    assert server.counts.violations == []


@pytest.mark.parametrize(
    ("url", "body", "hint"),
    [
        ("/v1/responses", chat_body("x"), "is not the endpoint"),
        ("/v1/chat/completions", chat_body("x") | {"timeout": 5}, "unknown_parameter"),
        ("/v1/chat/completions", chat_body("x") | {"model": "m-2"}, "mismatched_model"),
    ],
)
def test_a_batch_file_that_breaks_a_rule_is_a_violation(server: Server, url: str, body: dict[str, Any], hint: str) -> None:
    content = batch_lines("/v1/chat/completions", [chat_body("x")]) + b"\n" + batch_lines(url, [body]).replace(b'"0"', b'"1"')
    with openai.OpenAI() as client:
        file = client.files.create(file=("x.jsonl", content), purpose="batch")
        client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert hint in " ".join(server.counts.violations)


def test_limits(server: Server) -> None:
    server.books.limits = Limits(requests=3)
    with openai.OpenAI() as client:
        answers, errors = through_files(client, "/v1/chat/completions", [chat_body(str(n)) for n in range(4)])
    assert (answers, errors) == ({}, {})
    assert "too_many_tasks" in server.counts.violations[0]


@pytest.mark.parametrize(("marker", "status", "found"), [("FAIL_JOB", "failed", 0), ("EXPIRE_JOB", "expired", 1)])
def test_whole_jobs_end_badly(server: Server, marker: str, status: str, found: int) -> None:
    content = batch_lines("/v1/chat/completions", [chat_body("x"), chat_body(f"y {marker}")])
    with openai.OpenAI() as client:
        file = client.files.create(file=("x.jsonl", content), purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        client.batches.retrieve(batch.id)
        batch = client.batches.retrieve(batch.id)
        assert batch.status == status
        assert len(client.files.content(batch.output_file_id).text.splitlines() if batch.output_file_id else []) == found
        assert bool(batch.errors and batch.errors.data) == (status == "failed")


def test_anthropic(server: Server) -> None:
    with anthropic.Anthropic() as client:
        realtime = {n: client.messages.create(**chat_body(PROMPTS[int(n)]), system="Be kind").model_dump() for n in SOUND}
        with pytest.raises(anthropic.BadRequestError):
            client.messages.create(**chat_body(PROMPTS[1]))
        requests: Any = [{"custom_id": str(n), "params": chat_body(prompt) | {"system": "Be kind"}} for n, prompt in enumerate(PROMPTS)]
        batch = client.messages.batches.create(requests=requests)
        with pytest.raises(anthropic.AnthropicError):
            client.messages.batches.results(batch.id)
        while batch.processing_status != "ended":
            batch = client.messages.batches.retrieve(batch.id)
        results: dict[str, Any] = {entry.custom_id: entry.result for entry in client.messages.batches.results(batch.id)}
    assert {n: result.message.model_dump() for n, result in results.items() if result.type == "succeeded"} == realtime
    assert (results["1"].type, results["2"].type, "3" in results) == ("errored", "expired", False)
    assert server.counts.violations == []


def test_mistral_inline_and_by_file(server: Server) -> None:
    with Mistral(server_url=f"{server.address}/mistral", api_key="secret") as client:
        messages: Any = chat_body(PROMPTS[0])["messages"]
        realtime = client.chat.complete(model="m-1", messages=messages, max_tokens=9)
        requests: Any = [{"custom_id": str(n), "body": chat_body(prompt)} for n, prompt in enumerate(PROMPTS)]
        job = client.batch.jobs.create(endpoint="/v1/chat/completions", model="m-1", requests=requests)
        while job.status in ("QUEUED", "RUNNING"):
            job = client.batch.jobs.get(job_id=job.id, inline=True)
        assert isinstance(job.outputs, list)
        inline = {entry["custom_id"]: entry for entry in job.outputs}
        assert inline["0"]["response"]["body"]["choices"][0]["message"]["content"] == realtime.choices[0].message.content
        file = client.files.upload(
            file={"file_name": "x.jsonl", "content": batch_lines("/v1/chat/completions", [r["body"] for r in requests])}, purpose="batch"
        )
        job = client.batch.jobs.create(endpoint="/v1/chat/completions", model="m-1", input_files=[file.id])
        while job.status in ("QUEUED", "RUNNING"):
            job = client.batch.jobs.get(job_id=job.id)
        assert job.status == "TIMEOUT_EXCEEDED"
        content = client.files.download(file_id=str(job.output_file)).read()
        assert {entry["custom_id"]: entry for entry in map(json.loads, content.splitlines())} == {n: inline[n] for n in SOUND}
    assert server.counts.violations == []


def test_gemini(server: Server) -> None:
    client = genai.Client(api_key="secret")
    config: Any = {"system_instruction": "Be kind", "temperature": 0.5}
    realtime = client.models.generate_content(model="gemini-3-flash", contents="Say one", config=config)
    src: Any = [{"contents": prompt, "config": config, "metadata": {"key": str(n)}} for n, prompt in enumerate(PROMPTS)]
    job = client.batches.create(model="gemini-3-flash", src=src)
    while not job.done:
        job = client.batches.get(name=str(job.name))
    assert job.dest is not None
    results: Any = {str((one.metadata or {})["key"]): one for one in job.dest.inlined_responses or []}
    assert results["0"].response.text == realtime.text
    assert sorted(results) == ["0", "1", "2", "4"]
    assert results["1"].error is not None

    async def both() -> tuple[str | None, str | None]:
        answered = await client.aio.models.generate_content(model="gemini-3-flash", contents="Say one", config=config)
        created = await client.aio.batches.create(model="gemini-3-flash", src=src)
        while not created.done:
            created = await client.aio.batches.get(name=str(created.name))
        found = (created.dest.inlined_responses if created.dest else None) or []
        await client.aio.aclose()
        return answered.text, found[0].response.text if found[0].response else None

    assert asyncio.run(both()) == (realtime.text, realtime.text)
    client.close()
    assert server.counts.violations == []


def test_together(server: Server, tmp_path: Path) -> None:
    with together.Together() as client:
        realtime: Any = client.chat.completions.create(**chat_body("Say one"))
        path = tmp_path / "x.jsonl"
        path.write_bytes(batch_lines("/v1/chat/completions", [chat_body(prompt) for prompt in PROMPTS]))
        file = client.files.upload(path, purpose="batch-api")
        job: Any = client.batches.create(input_file_id=str(file.id), endpoint="/v1/chat/completions").job
        seen = [job.status]
        while job.status not in ("COMPLETED", "FAILED", "EXPIRED", "CANCELLED"):
            job = client.batches.retrieve(job.id)
            seen.append(job.status)
        assert seen == ["IN_PROGRESS", "VALIDATING", "EXPIRED"] or seen[-1] == "EXPIRED"
        entries = {e["custom_id"]: e for e in map(json.loads, client.files.content(job.output_file_id).text().splitlines())}
    assert entries["0"]["response"]["body"]["choices"][0]["message"]["content"] == realtime.choices[0].message.content
    assert server.counts.violations == []


def test_async_clients(server: Server) -> None:
    async def ask() -> tuple[str | None, str]:
        async with openai.AsyncOpenAI() as one, anthropic.AsyncAnthropic() as other:
            completion = await one.chat.completions.create(**chat_body("Say one"))
            message: Any = await other.messages.create(**chat_body("Say one"))
            return completion.choices[0].message.content, message.content[0].text

    first, second = asyncio.run(ask())
    assert first == second


def test_busy_requests_are_turned_away_once(server: Server) -> None:
    with openai.OpenAI(max_retries=0) as client:
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(**chat_body("BUSY_ITEM"))
        assert client.chat.completions.create(**chat_body("BUSY_ITEM")).choices
