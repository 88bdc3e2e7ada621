"""Clones one repository and reviews it. This runs in a process of its own, with limits, in a new private folder.

The code is read and never run, as in any review. Settings are read from the clone only: they can choose rules, files and limits, and
cannot name programs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from surfacelint.review.fleet.tasks import Answer, Task
from surfacelint.system.cloning import CloneError, fetch_commit, latest_commit, prepare_clone

if TYPE_CHECKING:
    from surfacelint.config import Config

TASK, ANSWER = "task.json", "answer.json"
"""The files in the folder that hold the task and the answer."""


def main() -> None:
    """Do the task in the working directory, and write the answer there."""
    folder = Path.cwd()
    task = Task.from_text((folder / TASK).read_text(encoding="utf-8"))
    try:
        answer = _answer(task, folder)
    except CloneError as error:
        answer = Answer(failure=str(error))
    except MemoryError:
        answer = Answer(failure="there is not enough memory")
    if "not enough memory" in answer.failure:
        answer = Answer(failure=f"{answer.failure}; the limit is {task.options.megabytes} MB (--repository-memory)")
    (folder / ANSWER).write_text(answer.to_text(), encoding="utf-8")


def _answer(task: Task, folder: Path) -> Answer:
    """Return the answer to a task. Raises CloneError."""
    clone = folder / "clone"
    prepare_clone(clone, task.address)
    if task.known and task.known in (task.revision, latest_commit(clone, task.revision, task.address)):
        return Answer(commit=task.known)
    commit = fetch_commit(clone, task.revision, task.address)
    os.chdir(clone)
    if task.options.epoch:
        os.environ["SOURCE_DATE_EPOCH"] = task.options.epoch
    return _reviewed(task, commit)


def _reviewed(task: Task, commit: str) -> Answer:
    """Return the review of the clone in the working directory."""
    # Imported late: where the kept review still holds, none of this is needed.
    from surfacelint.config import ConfigError, anchored, discover, layer
    from surfacelint.pipeline import engine
    from surfacelint.review import reviewing
    from surfacelint.review.fleet.blank_review import blank_review
    from surfacelint.review.json_document import to_text
    from surfacelint.review.prices import price_list
    from surfacelint.review.stated_volumes import OPTIONS, Stated
    from surfacelint.system.file_dependencies import Dependencies
    from surfacelint.system.timings import Timings

    here, prices = Path.cwd(), price_list()
    try:
        config = _own_settings(here) if not task.options.isolated else discover(["."], None, isolated=True)
        # A cache in the repository is not trusted, and a new one would be of no use.
        for where, values in (("fleet", {"jobs": 1}), *task.options.layers, ("fleet", {"cache": False})):
            config = config.apply(anchored(layer(values, where), here))
        if not engine.files(["."], config)[0]:
            return Answer(commit, to_text(blank_review([task.name], prices)))
        numbers = task.options.numbers
        stated = Stated(
            OPTIONS,
            items=numbers["items"],
            seconds_per_call=numbers["seconds_per_call"],
            input_tokens=numbers["input_tokens"],
            output_tokens=numbers["output_tokens"],
        )
        sources = reviewing.Sources(prices, stated, repository=task.name)
        return Answer(commit, to_text(reviewing.review(["."], config, sources, Timings(), Dependencies()).review))
    except ConfigError as error:
        return Answer(failure=str(error))


def _own_settings(clone: Path) -> Config:
    """Return the settings of a clone, the defaults if it has none. Raises ConfigError, OSError.

    The nearest settings above the code count. Others may write to the folders above a clone, so an empty file hides theirs.
    """
    from surfacelint.config import FILE_NAMES, discover

    name, _ = FILE_NAMES
    (clone.parent / name).touch()
    config = discover(["."])
    if config.source is not None and config.source.is_relative_to(clone):
        return config
    (clone / name).touch(exist_ok=False)
    return discover(["."])
