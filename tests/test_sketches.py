"""Sketches: what is shown for a finding that cannot be fixed, in the names of the user's code."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfacelint import check
from surfacelint.catalogue.loading import builtin
from surfacelint.codemods import remedies
from surfacelint.codemods.refusals import Refusal
from surfacelint.codemods.sketch_source import parses
from surfacelint.config import Config
from surfacelint.model.findings import Applicability, Finding

REFUSED = Refusal("`total` carries from one item to the next")

OPENAI = "from openai import OpenAI\n\nclient = OpenAI()\n"
ASK = f'{OPENAI}\n\ndef ask(text):\n    return client.responses.create(model="gpt-5-mini", input=f"Tags: {{text}}").output_text\n\n\n'
FASTAPI = f"from fastapi import BackgroundTasks, FastAPI\n{ASK}app = FastAPI()\n\n\n"


@pytest.fixture(autouse=True)
def _refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse all fixes, whatever the codemods can do."""
    monkeypatch.setattr(remedies, "CODEMODS", {code: lambda *_: REFUSED for code in ("SRF101", "SRF102", "SRF103", "SRF104", "SRF301")})


def finding(folder: Path, text: str, code: str) -> Finding:
    (folder / "job.py").write_text(text, encoding="utf-8")
    report = check([folder], Config(root=folder, cache=False, select=(code,)))
    (found,) = report.findings
    return found


def sketch(folder: Path, text: str, code: str = "SRF101") -> str:
    fix = finding(folder, text, code).fix
    assert fix is not None
    (edit,) = fix.edits
    return edit.text


def fixed(text: str, found: Finding) -> str:
    """Return a text with the sketch of a finding in place of the construct."""
    assert found.fix is not None
    (edit,) = found.fix.edits
    lines = text.split("\n")
    first, last = edit.span.start.line - 1, edit.span.end.line - 1
    return "\n".join(
        [*lines[:first], lines[first][: edit.span.start.column] + edit.text + lines[last][edit.span.end.column :], *lines[last + 1 :]]
    )


def test_a_sketch_says_why_there_is_no_fix(tmp_path: Path) -> None:
    found = finding(tmp_path, f"{ASK}for text in open('a'):\n    ask(text)\n", "SRF101")
    assert found.refusal == REFUSED.reason
    assert found.fix is not None
    assert (found.fix.applicability, found.fix.message) == (Applicability.DISPLAY, REFUSED.reason)


def test_a_sketch_takes_the_place_of_the_construct(tmp_path: Path) -> None:
    text = f"{ASK}def job(texts):\n    found = []\n    for text in texts:\n        found.append(ask(text))\n    return found\n"
    found = finding(tmp_path, text, "SRF101")
    result = fixed(text, found)
    compile(result, "job.py", "exec")
    assert result.startswith(f"{ASK}def job(texts):\n    found = []\n    requests = []\n    for text in texts:\n")
    assert result.endswith("`custom_id`\n    return found\n")


def test_requests_of_the_loop_itself(tmp_path: Path) -> None:
    text = f"""{OPENAI}
class Job:
    def __init__(self):
        self.llm = client

    def run(self, reviews):
        for number, review in enumerate(reviews):
            if not review.strip():
                continue
            prompt = f"Summarise: {{review}}"
            if number:
                with open(review) as file:
                    self.llm.chat.completions.create(model="gpt-5", messages=[{{"role": "user", "content": prompt}}])
"""
    assert (
        sketch(tmp_path, text)
        == """\
        requests = []
        for number, review in enumerate(reviews):
            ...  # as before
            if number:
                with open(review) as file:
                    body = {"model": "gpt-5", "messages": [{"role": "user", "content": prompt}]}
                    requests.append({"custom_id": str(len(requests)), "method": "POST", "url": "/v1/chat/completions", "body": body})
        # upload the requests as a file first, one JSON object per line
        batch = self.llm.batches.create(input_file_id=..., endpoint="/v1/chat/completions", completion_window="24h")
        # keep the id, and collect the results within 24 hours, each with its `custom_id`"""
    )


def test_requests_of_a_helper(tmp_path: Path) -> None:
    text = """\
import anthropic

client = anthropic.AsyncAnthropic()


async def label(note):
    return await client.messages.create(model="haiku", max_tokens=9, messages=[{"role": "user", "content": note}])


async def job(notes):
    return [await label(note.text) for note in notes if note.text]
"""
    assert (
        sketch(tmp_path, text)
        == """\
    requests = []
    for note in notes:
        if note.text:
            body = {"model": "haiku", "max_tokens": 9, "messages": [{"role": "user", "content": note}]}  # what `label(note.text)` sends
            requests.append({"custom_id": str(len(requests)), "params": body})
    batch = await client.messages.batches.create(requests=requests)
    # keep the id, and collect the results within 24 hours, each with its `custom_id`"""
    )


@pytest.mark.parametrize(
    ("body", "code", "header"),
    [
        ("list(map(ask, rows))", "SRF101", "for item in rows:"),
        ('rows["text"].apply(lambda row: ask(row))', "SRF103", 'for row in rows["text"]:'),
        ("[ask(b) for a in rows for b in a]", "SRF101", "for a in rows:"),
    ],
)
def test_headers(body: str, code: str, header: str, tmp_path: Path) -> None:
    head = "import pandas as pd\nrows = pd.read_csv('a')\n" if code == "SRF103" else "rows = open('a').readlines()\n"
    assert sketch(tmp_path, f"{head}{ASK}{body}\n", code).split("\n")[1] == header


def test_a_while_loop_keeps_what_ends_it(tmp_path: Path) -> None:
    text = f"{ASK}def job(rows):\n    while rows:\n        ask(rows.pop())\n"
    assert "    while rows:\n        body = " in sketch(tmp_path, text)
    assert "        ...  # as before\n    # upload" in sketch(tmp_path, text)


def test_a_long_chain_of_conditions_is_left_out(tmp_path: Path) -> None:
    text = f"{ASK}def job(rows):\n    for row in rows:\n        if row == 0:\n            pass\n"
    text += "".join(f"        elif row == {n}:\n            {'ask(row)' if n == 5 else 'pass'}\n" for n in range(1, 6))
    assert "    for row in rows:\n        if ...:  # as before\n            body = " in sketch(tmp_path, text)


def test_one_list(tmp_path: Path) -> None:
    text = f"""{OPENAI}
def index(chunks):
    for chunk in chunks:
        client.embeddings.create(model="text-embedding-3-small", input=[chunk.text])
"""
    assert (
        sketch(tmp_path, text, "SRF104")
        == """\
    inputs = []
    for chunk in chunks:
        inputs.append(chunk.text)
    for start in range(0, len(inputs), 2048):
        response = client.embeddings.create(model="text-embedding-3-small", input=inputs[start : start + 2048])  # one result per input"""
    )


def test_one_batch_instead_of_many(tmp_path: Path) -> None:
    text = """\
import anthropic

claude = anthropic.Anthropic()


def submit(texts):
    for text in texts:
        claude.messages.batches.create(requests=[{"custom_id": text.id, "params": text.params}])
"""
    assert (
        sketch(tmp_path, text, "SRF504")
        == """\
    all_requests = []
    for text in texts:
        all_requests.append({"custom_id": text.id, "params": text.params})
    batch = claude.messages.batches.create(requests=all_requests)  # with all requests"""
    )


@pytest.mark.parametrize(
    ("handler", "wait", "lines"),
    [
        ("def", "", ["pool = ThreadPoolExecutor(max_workers=8)", "futures = []", "futures.append(pool.submit(ask, text))"]),
        ("async def", "await ", ["calls = []", "calls.append(ask(text))", "results = await asyncio.gather(*calls)"]),
    ],
)
def test_calls_overlap_while_a_user_waits(handler: str, wait: str, lines: list[str], tmp_path: Path) -> None:
    text = FASTAPI
    if wait:
        text = text.replace("OpenAI", "AsyncOpenAI").replace("def ask", "async def ask").replace("return ", "return await ")
        text = text.replace(".output_text", "")
    text += f'@app.post("/")\n{handler} label(texts: list[str]):\n    for text in texts:\n        {wait}ask(text)\n'
    shown = sketch(tmp_path, text, "SRF302" if wait else "SRF306")
    assert set(lines) <= {line.strip() for line in shown.split("\n")}


def test_a_handler_that_submits(tmp_path: Path) -> None:
    text = f"""{FASTAPI}@app.post("/summaries")
def summarise(file_id: str) -> str:
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
    return batch.id
"""
    expected = """\
@app.post("/summaries")
def summarise(file_id: str):
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
    return batch.id  # answer 202 Accepted, with the id: the results come within 24 hours


def summarise_results(id):  # a second handler, or a job
    batch = client.batches.retrieve(id)
    return batch.status"""
    assert sketch(tmp_path, text, "SRF201") == expected


def test_a_handler_that_waits_in_a_helper_submits_itself(tmp_path: Path) -> None:
    text = f"""import time
from google import genai
{FASTAPI}gemini = genai.Client()


def run(rows):
    job = gemini.batches.create(model="gemini-2.5-flash", src=rows)
    while gemini.batches.get(name=job.name).state not in ("JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED"):
        time.sleep(9)
    return job


@app.post("/summaries")
async def summarise(rows: list):
    return run(rows)
"""
    shown = sketch(tmp_path, text, "SRF202")
    assert "    batch = gemini.batches.create(model=..., src=requests)\n    return batch.name  # answer 202" in shown
    assert shown.endswith("    batch = gemini.batches.get(name=name)\n    return batch.state")


def test_a_handler_that_submits_in_a_helper_keeps_the_helper(tmp_path: Path) -> None:
    text = f"""import time
{FASTAPI}
def send(file_id):
    return client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h").id


@app.post("/summaries")
def summarise(file_id: str) -> str:
    batch_id = send(file_id)
    while client.batches.retrieve(batch_id).status not in ("completed", "failed", "expired", "cancelled"):
        time.sleep(9)
    return batch_id
"""
    shown = sketch(tmp_path, text, "SRF202")
    assert "    submitted = send(file_id)\n    return submitted  # answer 202" in shown


@pytest.mark.parametrize(
    ("code", "call", "shown"),
    [
        ("SRF401", "ask(question)", '{"question": question}'),
        ("SRF401", 'ask(f"Title: {question}")', '{"input": f"Title: {question}"}'),
        ("SRF402", "tasks.add_task(ask, question)", '{"question": question}'),
    ],
)
def test_a_follow_up_is_queued(code: str, call: str, shown: str, tmp_path: Path) -> None:
    head = f'{FASTAPI}@app.post("/")\ndef answer(question: str, tasks: BackgroundTasks) -> str:\n    text = ask("a" + question)\n'
    text = f"{head}    {call}\n    return text\n"
    assert (
        sketch(tmp_path, text, code)
        == f"""\
    with open("ask.jsonl", "a", encoding="utf-8") as queue:
        print(json.dumps({shown}), file=queue)  # instead of `{call}`
    # A job reads ask.jsonl, for example every night, and submits its requests as one batch:
    # client.batches.create(input_file_id=..., endpoint="/v1/responses", completion_window="24h")"""
    )


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("return ask(question)", "return await asyncio.to_thread(ask, question)"),
        ("answer = ask(question).strip()", "answer = (await asyncio.to_thread(ask, question)).strip()"),
        ("print(ask(text=question)[0])", "print((await asyncio.to_thread(ask, text=question))[0])"),
    ],
)
def test_a_blocking_call_moves_to_a_thread(statement: str, shown: str, tmp_path: Path) -> None:
    text = f'{FASTAPI}@app.post("/")\nasync def answer(question: str):\n    {statement}\n'
    assert sketch(tmp_path, text, "SRF303") == f"    {shown}"


def test_long_code_and_text_of_several_lines_are_left_out(tmp_path: Path) -> None:
    prompt = '"""\n        Tags:\n        """'
    text = f"{OPENAI}for row in open('a'):\n    client.responses.create(model='{'m' * 99}', instructions={prompt}, input=row)\n"
    assert 'body = {"model": ..., "instructions": ..., "input": row}' in sketch(tmp_path, text)


def test_every_batch_api_has_requests_that_parse() -> None:
    for provider in builtin().providers:
        if provider.batch is not None and provider.batch.item:
            item = provider.batch.item
            assert parses(item)
            assert "BODY" in item
            assert "ID" in item


def test_a_reason_follows_the_rule(tmp_path: Path) -> None:
    text = f'{FASTAPI}@app.post("/")\nasync def answer(question: str):\n    return ask(question)\n'
    found = finding(tmp_path, text, "SRF303")
    assert found.refusal == remedies.DECISIONS["SRF303"]
