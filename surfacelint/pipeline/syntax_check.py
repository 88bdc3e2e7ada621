"""Syntax errors in files that lead to no provider: in all that are named, and below folders in as many as cost next to nothing.

Linking reads the others. The imports of these are known from their bytes, so that nothing else could be found in them.
"""

from __future__ import annotations

from collections.abc import Iterable

from surfacelint.project.module_names import SourceFile
from surfacelint.reading.source_reader import Sources

COMPILED_ANYWAY = 1_000_000
"""Bytes of files below asked folders that are compiled in one run, only to see whether they can be: an eighth of a second."""


def check_syntax(sources: Sources, asked: Iterable[SourceFile], named: frozenset[str]) -> int:
    """Note syntax errors in the files `asked` about that nothing else has read; return the number of those that were not looked at.

    The modules `named` are all looked at. Of the others the smallest come first, so that as many as possible are, and so that it is not
    the names of files that decide: a file is left out only because of all that are smaller.
    """
    failed = {error.module for error in sources.errors}
    unread = [file for file in asked if not sources.is_read(file.module) and file.module not in failed]
    sized = sorted((0 if file.module in named else sources.size(file), file.module, file) for file in unread)
    budget = COMPILED_ANYWAY
    for number, (size, _, file) in enumerate(sized):
        budget -= size
        if budget < 0:
            return len(sized) - number
        sources.check_syntax(file)
    return 0
