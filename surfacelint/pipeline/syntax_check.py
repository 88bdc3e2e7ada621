"""Syntax check of files that lead to no provider: all files passed by name, and as many files of directories as is cheap.

Linking parses all other files. Screening has found the imports of these in their bytes, so there is nothing else to find in them.
"""

from __future__ import annotations

from collections.abc import Iterable

from surfacelint.project.module_names import SourceFile
from surfacelint.reading.source_reader import Sources

COMPILED_ANYWAY = 1_000_000
"""Bytes of files in directories that one run compiles only to check their syntax, which takes about an eighth of a second."""


def check_syntax(sources: Sources, asked: Iterable[SourceFile], named: frozenset[str]) -> int:
    """Report syntax errors in the requested files that no other stage has read. Returns the number of files that were not parsed.

    All modules in `named` are parsed. Of the others, the smallest come first, so that as many as possible are parsed, and file names do
    not matter.
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
