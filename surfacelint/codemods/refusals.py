"""Why a finding has no fix."""

from __future__ import annotations

from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Refusal:
    """Why there is no fix. `reason` completes the sentence "no fix: …" and names the variable or statement in the way."""

    reason: str
