"""Why a finding has no fix."""

from __future__ import annotations

from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Refusal:
    """Why there is no fix. `reason` completes the sentence "no fix: …" and names the variable or statement in the way."""

    reason: str


class RefusedError(Exception):
    """Ends the making of a fix. `reason` is that of the refusal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
