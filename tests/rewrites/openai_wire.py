"""OpenAI's interface, and that of Azure, Groq and Together, which imitate it."""

from __future__ import annotations

import json
import re
from typing import Any

from answers import Json, endpoint_of, failure, sentence
from jobs import Books, Item, Job, read_lines
from wire import Page, Request, lines, page

WAITING = ("finalizing", "in_progress", "validating")
CREATED = 1_790_000_000


def handle(books: Books, request: Request) -> Page | None:
    """Serve realtime requests, files and batches below `/v1` (Groq: `/openai/v1`, Azure: `/openai`)."""
    path = re.sub(r"^(/openai)?(/v1)?", "", request.path)
    if request.method == "POST" and path == "/files":
        books.counts.uploads += 1
        name = books.keep_file(request.upload())
        return page(_file(name, books))
    if found := re.fullmatch(r"/files/([\w-]+)(/content)?", path):
        return _show_file(books, found[1], content=bool(found[2]))
    if request.method == "POST" and path == "/batches":
        return page(describe(create(books, request.body), books))
    if found := re.fullmatch(r"/batches/([\w-]+)(/cancel)?", path):
        job = books.jobs[found[1]]
        books.counts.polls += 1
        job.poll()
        return page(describe(job, books))
    return realtime(books, request)


def _file(name: str, books: Books) -> Json:
    return {
        "id": name,
        "object": "file",
        "bytes": len(books.files[name]),
        "created_at": CREATED,
        "filename": "x.jsonl",
        "purpose": "batch",
        "status": "processed",
    }


def _show_file(books: Books, name: str, *, content: bool) -> Page:
    if name not in books.files:
        return page(failure(404, f"no file {name}", "not_found"), 404)
    return Page(books.files[name], content_type="application/octet-stream") if content else page(_file(name, books))


def realtime(books: Books, request: Request) -> Page | None:
    """Answer a realtime request, as a stream if it asks for one."""
    endpoint = endpoint_of(request.path)
    if request.method != "POST" or endpoint is None:
        return None
    reply = books.realtime(endpoint, request.path, request.body)
    if reply.status == 200 and request.body.get("stream") and endpoint == "/chat/completions":
        return _stream(request.body, reply.payload)
    return page(reply.payload, reply.status)


def _stream(body: Json, whole: Json) -> Page:
    events: list[str] = []
    for word in [*sentence(body).split(" "), None]:
        delta = {} if word is None else {"role": "assistant", "content": word + " "}
        choice = {"index": 0, "delta": delta, "finish_reason": "stop" if word is None else None}
        named = {"id": whole["id"], "object": "chat.completion.chunk", "created": CREATED, "model": whole["model"]}
        events.append(f"data: {json.dumps({**named, 'choices': [choice]})}\n\n")
    return Page("".join([*events, "data: [DONE]\n\n"]).encode(), content_type="text/event-stream")


def create(books: Books, body: Json) -> Job:
    """Start a job over an uploaded file."""
    endpoint = str(body["endpoint"])
    content = books.files.get(str(body["input_file_id"]))
    if content is None:
        books.violation(f"there is no input file {body['input_file_id']}")
        content = b""
    if body.get("completion_window") not in ("24h", None):
        books.violation(f"completion_window {body['completion_window']}")
    if endpoint_of(endpoint) is None:
        books.violation(f"no such endpoint: {endpoint}")
    return books.submit(endpoint, read_lines(content, endpoint, books), input_file=str(body["input_file_id"]))


def status(job: Job) -> str:
    """The state of a job as OpenAI names it."""
    if not job.ended:
        return WAITING[min(job.polls_left, len(WAITING)) - 1]
    if job.failure:
        return "failed"
    return "expired" if job.expired or any(item.expired for item in job.items) else "completed"


def result_files(job: Job, books: Books) -> tuple[str | None, str | None]:
    """Ids of the output file and the error file, each None where it would be empty or the job has not ended."""
    if not job.ended or job.failure:
        return None, None
    output, errors = f"{job.name}-output", f"{job.name}-errors"
    books.files[output] = lines([entry(item) for item in job.succeeded()])
    books.files[errors] = lines([entry(item) for item in job.failed()])
    return output if books.files[output] else None, errors if books.files[errors] else None


def entry(item: Item) -> Json:
    """A line of the output file or the error file."""
    if item.reply is None:
        error = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
        return {"id": f"req_{item.custom_id}", "custom_id": item.custom_id, "response": None, "error": error}
    response = {"status_code": item.reply.status, "request_id": f"r_{item.custom_id}", "body": item.reply.payload}
    return {"id": f"req_{item.custom_id}", "custom_id": item.custom_id, "response": response, "error": None}


def describe(job: Job, books: Books) -> Json:
    """A batch object."""
    output, errors = result_files(job, books)
    problems: Any = None
    if job.failure:
        problems = {"object": "list", "data": [{"code": "failed", "message": job.failure, "line": None, "param": None}]}
    counted = {
        "total": len(job.items),
        "completed": len(job.succeeded()) if job.ended else 0,
        "failed": len(job.failed()) if job.ended else 0,
    }
    named = {
        "id": job.name,
        "object": "batch",
        "endpoint": job.endpoint,
        "input_file_id": job.input_file,
        "completion_window": "24h",
        "created_at": CREATED,
    }
    ended = {"status": status(job), "output_file_id": output, "error_file_id": errors, "errors": problems if job.ended else None}
    return {**named, **ended, "request_counts": counted, "metadata": None}


def handle_azure(books: Books, request: Request) -> Page | None:
    """Serve Azure: files and batches are not below a deployment."""
    path = re.sub(r"^/openai/deployments/[^/]+", "/openai", request.path)
    below = path != request.path
    if below and re.search("/(files|batches)", path):
        return page(failure(404, "Resource not found", "404"), 404)
    return handle(books, Request(request.method, path, request.base, request.content, request.content_type))


def handle_together(books: Books, request: Request) -> Page | None:
    """Serve Together: an upload is sent to another address, and states are in upper case."""
    path = request.path.removeprefix("/v1")
    if request.method == "POST" and path == "/files":
        name = books.keep_file(b"")
        return Page(b"", 302, headers={"Location": f"{request.base}/v1/incoming/{name}", "X-Together-File-Id": name})
    if request.method == "PUT" and path.startswith("/incoming/"):
        books.counts.uploads += 1
        books.files[path.rpartition("/")[2]] = request.content
        return page({})
    if found := re.fullmatch(r"/files/([\w-]+)/preprocess", path):
        return page({**_file(found[1], books), "FileType": "jsonl", "purpose": "batch-api", "Processed": True})
    served = handle(books, request)
    if served is None or not path.startswith("/batches"):
        return served
    described = json.loads(served.content)
    described["status"] = described["status"].upper().replace("FINALIZING", "IN_PROGRESS")
    described["created_at"] = "2026-09-21T14:13:20Z"
    return page({"job": described, "warning": ""} if request.method == "POST" and path == "/batches" else described)
