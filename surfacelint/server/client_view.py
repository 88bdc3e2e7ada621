"""What the editor is shown: diagnostics, messages about what could not be checked, and the progress of long checks."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from surfacelint.config import ConfigError
from surfacelint.server.analysis_process import AnalysisError
from surfacelint.server.checker import Found
from surfacelint.server.client_settings import OPEN_FILES
from surfacelint.server.diagnostics import Placement, by_document, placed, problem
from surfacelint.server.open_documents import Snapshot
from surfacelint.server.positions import PositionEncoding
from surfacelint.server.publisher import Publisher, Shown
from surfacelint.server.questions import Scope

PATIENCE = 0.5
"""Seconds before the progress of a check is shown."""

NOTHING_TO_CHECK = "no Python files under"
"""How the report on a folder without code begins, which in an editor is no problem."""


@dataclass(slots=True)
class ClientView:
    """What the client shows. Each problem is shown once, until it goes away."""

    client: LanguageServer
    publisher: Publisher
    encoding: PositionEncoding = field(default_factory=PositionEncoding)
    shows_progress: bool = False
    _said: dict[Path, frozenset[str]] = field(default_factory=dict)
    _logged: set[str] = field(default_factory=set)

    def found(self, found: Found) -> None:
        """Show the findings of a scope, and say what could not be checked."""
        placement = self.placement(found)
        versions = {each.uri: each.version for each in found.documents.all() if self.publisher.owner_of(each.uri) == found.scope.path}
        open_only = found.scope.settings.diagnostic_mode == OPEN_FILES
        self.publisher.show(found.scope.path, Shown(by_document(found.report, placement), versions, open_only))
        warnings, errors = ([each for each in part if not any(placed((each,)))] for part in (found.report.warnings, found.report.errors))
        self._log(each for each in (*warnings, *errors) if each not in self._logged)
        self._say(found.scope, [each for each in errors if not each.startswith(NOTHING_TO_CHECK)], types.MessageType.Warning)

    def failed(self, scope: Scope, error: ConfigError | AnalysisError) -> None:
        """Say why a scope could not be checked, and show a wrong setting where it is. What was found before stays."""
        self._say(scope, [str(error)], types.MessageType.Error)
        shown = problem(str(error), Placement(scope.folder, Snapshot({}, {}), self.encoding, {}))
        if isinstance(error, ConfigError) and shown is not None:
            self.publisher.show_problem(scope.path, *shown)

    def began(self, scope: Scope, cancel: Callable[[], object]) -> Callable[[str | None], None]:
        """Show the progress of a check if it takes long."""
        if not self.shows_progress:
            return lambda stage: None
        return _Progress(self.client, f"surfacelint: checking {scope.path.name}", cancel).reached

    def placement(self, found: Found) -> Placement:
        """Return where findings of a scope are shown."""
        return Placement.of(found.report, found.scope.folder, found.documents, self.encoding)

    def say(self, sentence: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show a message."""
        self.client.window_show_message(types.ShowMessageParams(kind, f"surfacelint: {sentence}"))

    def _say(self, scope: Scope, sentences: Iterable[str], kind: types.MessageType) -> None:
        current = tuple(sentences)
        new = [each for each in current if each not in self._said.get(scope.path, ())]
        if new:
            self.say(new[0] if len(new) == 1 else f"{new[0]} ({len(new) - 1} more in the log)", kind)
        self._said[scope.path] = frozenset(current)

    def _log(self, sentences: Iterable[str]) -> None:
        for each in sentences:
            self._logged.add(each)
            self.client.window_log_message(types.LogMessageParams(types.MessageType.Log, each))


class _Progress:
    """The progress of one check, shown after a while, with a button that ends the check."""

    def __init__(self, client: LanguageServer, title: str, cancel: Callable[[], object]) -> None:
        self._client = client
        self._title = title
        self._cancel = cancel
        self._token = str(uuid.uuid4())
        self._stage = ""
        self._over = asyncio.Event()
        self._is_shown = False
        self._show: asyncio.Task[None] = asyncio.create_task(self._shown())

    def reached(self, stage: str | None) -> None:
        """Show a stage; `None` is the end."""
        self._stage = stage or self._stage
        if stage is None:
            self._over.set()
        if not self._is_shown:
            return
        if self._over.is_set():
            self._client.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            del self._client.work_done_progress.tokens[self._token]
        else:
            self._client.work_done_progress.report(self._token, types.WorkDoneProgressReport(message=self._stage))

    async def _shown(self) -> None:
        await asyncio.sleep(PATIENCE)
        if self._over.is_set():
            return
        try:
            await self._client.work_done_progress.create_async(self._token)
        except JsonRpcException:
            return  # the client does without
        if self._over.is_set():
            return
        self._is_shown = True
        begin = types.WorkDoneProgressBegin(self._title, cancellable=True, message=self._stage)
        self._client.work_done_progress.begin(self._token, begin)
        self._client.work_done_progress.tokens[self._token].add_done_callback(self._cancelled)

    def _cancelled(self, _token: object) -> None:
        if not self._over.is_set():
            self._cancel()
            self._client.window_log_message(
                types.LogMessageParams(types.MessageType.Info, "the check was cancelled; the next change begins another one")
            )
