"""Frozen dataclasses of which a run makes millions.

A frozen dataclass takes three times as long to make as another one, since it has to get around its own refusal to be changed. To the type
checker a `record` is a frozen dataclass, which is what keeps it from being changed; at run time nothing refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen, slots, eq=True, order=False):
        """Make a class a dataclass that is compared and hashed as a frozen one is."""
        assert frozen
        assert slots
        return dataclass(slots=True, eq=eq, order=order, unsafe_hash=eq)
