"""Checks scopes again when something changes: soon, but not for each of many changes, and never two versions at a time.

A check that is under way is cancelled by a change, except the first one of a scope, which takes longest and would never end while the
user types. Fixes take longer than findings, so they are computed when a request needs them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from surfacelint.config import ConfigError
from surfacelint.model.findings import Report
from surfacelint.server.analysis_process import AnalysisError, AnalysisProcess
from surfacelint.server.open_documents import OpenDocuments, Snapshot
from surfacelint.server.questions import Check, Scope
from surfacelint.system.records import record

PAUSE = 0.04
"""Seconds without a further change before a check begins."""


@record(frozen=True, slots=True)
class Found:
    """The report on a scope, and what was open then."""

    scope: Scope
    report: Report
    documents: Snapshot


class Listener(Protocol):
    """Is told what checks find."""

    def found(self, found: Found) -> None:
        """A scope was checked."""
        ...

    def failed(self, scope: Scope, error: ConfigError | AnalysisError) -> None:
        """A scope could not be checked."""
        ...

    def began(self, scope: Scope, cancel: Callable[[], object]) -> Callable[[str | None], None]:
        """A check began, which `cancel` ends. Return a function to call with each stage, and with `None` at the end."""
        ...


@dataclass(slots=True)
class _State:
    """What is known of a scope, and the tasks that find out more. `found` is current if everything that `changes` counts was checked."""

    changes: int = 0
    checked: int = 0
    found: Found | None = None
    complete: asyncio.Task[Found] | None = None
    check: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Checker:
    """Checks the scopes of a session. `scope` returns one with its current settings, by its path."""

    process: AnalysisProcess
    documents: OpenDocuments
    scope: Callable[[Path], Scope]
    listener: Listener
    _states: dict[Path, _State] = field(default_factory=dict)

    def changed(self, scopes: Iterable[Path]) -> None:
        """Check scopes, because something has changed that they may depend on."""
        for path in scopes:
            state = self._states.setdefault(path, _State())
            state.changes += 1
            if state.complete is not None:
                state.complete.cancel()
                state.complete = None
            if state.check is not None and not state.check.done():
                if state.found is None:
                    continue
                state.check.cancel()
            state.check = asyncio.create_task(self._check(path, state))

    def forget(self, path: Path) -> None:
        """Stop checking a scope."""
        state = self._states.pop(path, _State())
        for task in (state.check, state.complete):
            if task is not None:
                task.cancel()

    async def complete(self, path: Path) -> Found | None:
        """Return what a scope has now, with fixes; `None` if it cannot be checked."""
        while (state := self._states.get(path)) is not None:
            if state.check is not None and not state.check.done():
                await asyncio.wait((state.check,))
                continue
            if state.found is None or state.checked != state.changes:
                return None
            if state.complete is None:
                state.complete = asyncio.create_task(self._with_fixes(state.found))
            await asyncio.wait((task := state.complete,))
            if task.cancelled():  # something has changed
                continue
            error = task.exception()
            if isinstance(error, ConfigError | AnalysisError):
                self.listener.failed(state.found.scope, error)
                return None
            return task.result()
        return None

    async def _with_fixes(self, found: Found) -> Found:
        report = await self.process.ask(Check(found.scope, found.documents.texts(), fixes=True))
        assert isinstance(report, Report)
        return Found(found.scope, report, found.documents)

    async def _check(self, path: Path, state: _State) -> None:
        await asyncio.sleep(PAUSE)
        while state.checked != state.changes:
            changes, documents, scope = state.changes, self.documents.snapshot(), self.scope(path)
            task = asyncio.current_task()
            assert task is not None
            reached = self.listener.began(scope, task.cancel)
            try:
                report = await self.process.ask(Check(scope, documents.texts(), fixes=False), reached)
            except (ConfigError, AnalysisError) as error:
                self.listener.failed(scope, error)
                return
            finally:
                reached(None)
            assert isinstance(report, Report)
            state.found, state.checked = Found(scope, report, documents), changes
            self.listener.found(state.found)
