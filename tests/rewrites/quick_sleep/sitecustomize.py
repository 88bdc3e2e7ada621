"""Loaded by Python as it starts with this folder on its path: sleeps end at once, so that polls and retries take no time.

A monotonic clock still runs as fast as ever: what a program measures stays small, and deadlines are far away.
"""

from __future__ import annotations

import asyncio
import time

LONGEST = 0.002  # seconds

_sleep = time.sleep
_async_sleep = asyncio.sleep


def _short(delay: float) -> float:
    return min(delay, LONGEST)


async def _sleep_shortly(delay: float, result: object = None) -> object:
    return await _async_sleep(_short(delay), result)


vars(time)["sleep"] = lambda delay: _sleep(_short(delay))
for _module in (asyncio, asyncio.tasks):
    vars(_module)["sleep"] = _sleep_shortly
