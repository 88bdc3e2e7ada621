"""The interfaces of Anthropic, Mistral and Gemini."""

from __future__ import annotations

import re

from answers import Json, Reply, endpoint_of
from jobs import Books, Item, Job, read_lines
from openai_wire import entry, realtime, result_files
from wire import Page, Request, lines, page

SOON = "2026-09-21T14:13:20Z"


def anthropic_error(reply: Reply) -> Json:
    """An error as Anthropic spells it."""
    kind = "rate_limit_error" if reply.status == 429 else "invalid_request_error"
    return {"type": "error", "error": {"type": kind, "message": reply.payload["error"]["message"]}, "request_id": None}


def handle_anthropic(books: Books, request: Request) -> Page | None:
    """Serve messages and message batches."""
    path = request.path.removeprefix("/v1")
    if request.method == "POST" and path == "/messages/batches":
        items = [Item(str(one["custom_id"]), dict(one["params"])) for one in request.body["requests"]]
        return page(_message_batch(books.submit("/messages", items), request.base))
    if found := re.fullmatch(r"/messages/batches/([\w-]+)", path):
        books.counts.polls += 1
        books.jobs[found[1]].poll()
        return page(_message_batch(books.jobs[found[1]], request.base))
    if found := re.fullmatch(r"/messages/batches/([\w-]+)/results", path):
        job = books.jobs[found[1]]
        return Page(lines([_message_result(item, job) for item in job.items if not _lost(item, job)]), content_type="application/x-jsonl")
    if request.method != "POST" or endpoint_of(path) is None:
        return None
    reply = books.realtime(path, path, request.body)
    return page(reply.payload if reply.status == 200 else anthropic_error(reply), reply.status)


def _lost(item: Item, job: Job) -> bool:
    return item.reply is None and not item.expired and not job.failure


def _message_result(item: Item, job: Job) -> Json:
    if job.failure:
        error = {"type": "error", "error": {"type": "invalid_request_error", "message": job.failure}, "request_id": None}
        return {"custom_id": item.custom_id, "result": {"type": "errored", "error": error}}
    if item.reply is None:
        return {"custom_id": item.custom_id, "result": {"type": "expired"}}
    if item.reply.status != 200:
        return {"custom_id": item.custom_id, "result": {"type": "errored", "error": anthropic_error(item.reply)}}
    return {"custom_id": item.custom_id, "result": {"type": "succeeded", "message": item.reply.payload}}


def _message_batch(job: Job, base: str) -> Json:
    expired = sum(item.expired for item in job.items)
    counts = {"processing": len(job.items), "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
    if job.ended:
        counts |= {"processing": 0, "succeeded": len(job.succeeded()), "errored": len(job.failed()) - expired, "expired": expired}
    dates: Json = {
        "created_at": SOON,
        "expires_at": SOON,
        "ended_at": SOON if job.ended else None,
        "archived_at": None,
        "cancel_initiated_at": None,
    }
    state = "ended" if job.ended else "in_progress"
    results = f"{base}/v1/messages/batches/{job.name}/results" if job.ended else None
    return {"id": job.name, "type": "message_batch", "processing_status": state, "request_counts": counts, "results_url": results, **dates}


def handle_mistral(books: Books, request: Request) -> Page | None:
    """Serve chat completions, embeddings, files and batch jobs with requests inline or in a file."""
    path = request.path.removeprefix("/v1")
    if request.method == "POST" and path == "/files":
        books.counts.uploads += 1
        name = books.keep_file(request.upload())
        return page(
            {
                "id": name,
                "object": "file",
                "bytes": 1,
                "created_at": 1,
                "filename": "x.jsonl",
                "purpose": "batch",
                "sample_type": "batch_request",
                "source": "upload",
            }
        )
    if found := re.fullmatch(r"/files/([\w-]+)/content", path):
        return Page(books.files[found[1]], content_type="application/octet-stream")
    if request.method == "POST" and path == "/batch/jobs":
        return page(_mistral_job(_create_mistral(books, request.body), books))
    if found := re.fullmatch(r"/batch/jobs/([\w-]+)", path):
        books.counts.polls += 1
        books.jobs[found[1]].poll()
        return page(_mistral_job(books.jobs[found[1]], books))
    return realtime(books, request)


def _create_mistral(books: Books, body: Json) -> Job:
    model = str(body.get("model") or "")
    named = body.get("input_files") or []
    items = [Item(str(one["custom_id"]), dict(one["body"])) for one in body.get("requests") or []]
    for name in named:
        items += read_lines(books.files[name], str(body["endpoint"]), books)
    for item in items:
        if not model and "model" not in item.body:
            books.violation("neither the job nor the request names a model")
        item.body.setdefault("model", model)
    return books.submit(str(body["endpoint"]), items, model=model, input_file=",".join(named))


def _mistral_job(job: Job, books: Books) -> Json:
    state = "RUNNING" if job.polls_left == 1 else "QUEUED"
    if job.ended:
        timeout = job.expired or any(item.expired for item in job.items)
        state = "FAILED" if job.failure else "TIMEOUT_EXCEEDED" if timeout else "SUCCESS"
    output, errors = result_files(job, books)
    inline = not job.input_file
    outputs = [entry(item) for item in [*job.succeeded(), *job.failed()]] if job.ended and not job.failure and inline else None
    done = len(job.items) if job.ended else 0
    counts = {
        "total_requests": len(job.items),
        "completed_requests": done,
        "succeeded_requests": len(job.succeeded()),
        "failed_requests": len(job.failed()),
    }
    problems = [{"message": job.failure, "count": len(job.items)}] if job.failure and job.ended else []
    named = {
        "id": job.name,
        "object": "batch",
        "endpoint": job.endpoint,
        "model": job.model,
        "input_files": [job.input_file] if job.input_file else [],
    }
    files = {"output_file": None if inline else output, "error_file": None if inline else errors, "outputs": outputs}
    return {**named, "status": state, "errors": problems, "created_at": 1, **counts, **files}


def handle_gemini(books: Books, request: Request) -> Page | None:
    """Serve generateContent, batchEmbedContents and batches with inline requests."""
    path = re.sub(r"^/v\w+(?=/)", "", request.path)
    if found := re.fullmatch(r"/batches/([\w-]+)", path):
        books.counts.polls += 1
        books.jobs[found[1]].poll()
        return page(_operation(books.jobs[found[1]]))
    if not (found := re.fullmatch(r"/models/([\w.-]+):(\w+)", path)):
        return None
    model, verb = found[1], found[2]
    if verb == "batchGenerateContent":
        asked = request.body["batch"]["inputConfig"]["requests"]["requests"]
        items = [_gemini_item(number, one, model) for number, one in enumerate(asked)]
        order = {item.custom_id: number for number, item in enumerate(items)}
        job = books.submit(":generateContent", items, model=model)
        job.items.sort(key=lambda item: order[item.custom_id])  # this provider keeps the order of the requests
        return page(_operation(job))
    endpoint = f":{verb}"
    if endpoint_of(endpoint) is None:
        return None
    reply = books.realtime(endpoint, endpoint, {**request.body, "model": model})
    return page(reply.payload if reply.status == 200 else {"error": _gemini_error(reply)}, reply.status)


def _gemini_item(number: int, asked: Json, model: str) -> Item:
    body = {**asked["request"], "model": str(asked["request"].get("model", model)).removeprefix("models/")}
    return Item(str((asked.get("metadata") or {}).get("key", number)), body)


def _gemini_error(reply: Reply) -> Json:
    status = "RESOURCE_EXHAUSTED" if reply.status == 429 else "INVALID_ARGUMENT"
    return {"code": reply.status, "message": reply.payload["error"]["message"], "status": status}


def _operation(job: Job) -> Json:
    state = "RUNNING" if job.polls_left == 1 else "PENDING"
    if job.ended:
        state = "FAILED" if job.failure else "EXPIRED" if job.expired else "SUCCEEDED"
    metadata: Json = {"state": f"BATCH_STATE_{state}", "model": f"models/{job.model}", "createTime": SOON}
    if state == "SUCCEEDED":
        answered = [_inlined(item) for item in job.items if item.reply is not None or item.expired]
        metadata["output"] = {"inlinedResponses": {"inlinedResponses": answered}}
    error = {"error": {"code": 3, "message": job.failure}} if job.failure and job.ended else {}
    return {"name": f"batches/{job.name}", "metadata": metadata, "done": job.ended, **error}


def _inlined(item: Item) -> Json:
    named = {"metadata": {"key": item.custom_id}}
    if item.reply is None:
        return {**named, "error": {"code": 4, "message": "The request expired."}}
    if item.reply.status != 200:
        return {**named, "error": {**_gemini_error(item.reply), "code": 8 if item.reply.status == 429 else 3}}
    return {**named, "response": item.reply.payload}
