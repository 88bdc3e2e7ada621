"""The call that a repetition makes for each item, as rewriting needs it."""

from __future__ import annotations

import libcst as cst

from surfacelint.codemods.input_lists.list_calls import ListCall
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class SplitCall:
    """The call that a repetition repeats.

    - `call`: gets the results for a list of inputs.
    - `item`: the input for one item. `results`: the expressions that a result replaces.
    - `is_dropped`: the statement of the call only assigns the response or the result to a variable; `variable` is that of the result.
    - `is_unused`: nothing reads the result.
    """

    call: ListCall
    item: cst.BaseExpression
    results: tuple[cst.BaseExpression, ...]
    is_dropped: bool = False
    variable: str = ""
    is_unused: bool = False
