"""What a worker runs: the review of one repository in a process with limits for memory and time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from surfacelint.review.fleet import cloned_review
from surfacelint.review.fleet.tasks import Answer, Task
from surfacelint.system.bounded_process import run_bounded
from surfacelint.system.version import __version__


def review_bounded(task: str, folder: str | None = None) -> str:
    """Return the answer to a task, both as JSON. `folder` is where the clone may be meanwhile, by default that of temporary files.

    Does not raise: a worker that logs an exception logs the arguments, too, and an address may contain a password.
    """
    try:
        return _answer(Task.from_text(task), folder).to_text()
    except Exception as error:
        return Answer(failure=f"the worker failed with {type(error).__name__}: {error}").to_text()


def _answer(task: Task, scratch: str | None) -> Answer:
    ours = f"surfacelint {__version__}"
    if task.generator != ours:
        return Answer(failure=f"the worker has {ours}, and this is {task.generator}; install the same version on all workers")
    options = task.options
    with tempfile.TemporaryDirectory(prefix="surfacelint-", dir=scratch, ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / cloned_review.TASK).write_text(task.to_text(), encoding="utf-8")
        ending = run_bounded(cloned_review.__name__, (), folder, options.seconds, options.megabytes)
        if ending.status is None:
            return Answer(failure=f"not done after {options.seconds:g} s; allow more with --repository-timeout")
        answer = folder / cloned_review.ANSWER
        if ending.status or not answer.is_file():
            hint = f"; the limit for memory is {options.megabytes} MB (--repository-memory)" if ending.is_out_of_memory else ""
            return Answer(failure=f"{ending.problem}{hint}")
        return Answer.from_text(answer.read_text(encoding="utf-8"))
