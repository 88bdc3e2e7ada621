"""Parses the suppression comments and declared facts in a text, and determines the lines that each applies to.

`# noqa` and `# noqa: SRF101` are parsed with flake8's regular expressions: codes may be prefixes and are case-sensitive. The space
may be missing, as in ruff; flake8 does not know such comments.
`# surfacelint: ignore[SRF101] -- reason` also accepts names of rules. `# surfacelint: ignore-file`, and flake8's
`# flake8: noqa` at the start of a line, suppress findings in the whole file.

A comment applies to the statement on its line. A `# surfacelint:` comment on a line of its own applies to the statement
below, and one at the head of a function or class to all of it. Text in strings does not count as a comment.
"""

from __future__ import annotations

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from surfacelint.facts.comment_directives import DIRECTIVE, Declaration, Ignore, Mistake, parse
from surfacelint.facts.expressions import Position, Span
from surfacelint.system.did_you_mean import suggestion
from surfacelint.system.records import record

MENTIONS = ("surfacelint:", "noqa")
"""Any text with suppression comments or facts contains one of these, in any case."""

# flake8/defaults.py, NOQA_INLINE_REGEXP and NOQA_FILE
_CODES = r"(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?"
_FLAKE8_NOQA = re.compile(rf"# noqa{_CODES}", re.IGNORECASE)
_NOQA_FILE = re.compile(r"# flake8[:=]\s*noqa", re.IGNORECASE)

_OTHER_NOQA = re.compile(rf"#(?! noqa)\s*noqa{_CODES}", re.IGNORECASE)
_NOQA_REST = re.compile(r"[^#]*")
_CODE = re.compile(r"[A-Z]+[0-9]+", re.IGNORECASE)
_OURS = re.compile(r"[\s:=\-\[(]*(?P<code>SRF-?\d*)(?![\w])", re.IGNORECASE)
_NOQA_REASON = re.compile(r"\s*--\s+(?P<reason>[^#]*[^#\s])")


@record(frozen=True, slots=True)
class Suppression:
    """A suppression comment.

    - `codes`: codes, prefixes of codes, or names; `None` means every rule.
    - `lines`: the first and last line that it applies to, both 0 for the whole file. With `block`, they are those of a
      function or class.
    - `noqa`: the comment is a `noqa` comment. `in_flake8`: flake8 itself applies it.
    - `span`: the directive without the rest of the comment. `listed`: the columns of its codes.
    - `alone`: there is nothing else on its line.
    """

    span: Span
    codes: tuple[str, ...] | None
    lines: tuple[int, int]
    noqa: bool
    reason: str = ""
    listed: tuple[int, int] | None = None
    alone: bool = False
    block: bool = False
    in_flake8: bool = False

    @property
    def line(self) -> int:
        """The line of the comment."""
        return self.span.start.line

    @property
    def whole_file(self) -> bool:
        """Whether it applies to the whole file."""
        return self.lines == (0, 0)


@record(frozen=True, slots=True)
class Declared:
    """A comment that declares facts. `lines` are those that it applies to; with `block`, those of a function or class."""

    line: int
    lines: tuple[int, int]
    block: bool
    facts: Declaration


@record(frozen=True, slots=True)
class Comments:
    """The suppressions and declared facts of one text, in order, and a warning for each malformed comment with its line."""

    suppressions: tuple[Suppression, ...] = ()
    mistakes: tuple[tuple[int, str], ...] = ()
    declarations: tuple[Declared, ...] = ()


@record(frozen=True, slots=True)
class Comment:
    """A comment token. `alone` if there is nothing else on its line."""

    line: int
    column: int
    text: str
    alone: bool


@dataclass(slots=True)
class Layout:
    """The structure of a text by 1-based lines.

    `statements` have a first and last line. `blocks` (functions and classes) have a first line, the end of the head, and
    a last line. `inside_strings` are the lines that end inside a string or other token.
    """

    comments: list[Comment] = field(default_factory=list)
    statements: list[tuple[int, int]] = field(default_factory=list)
    blocks: list[tuple[int, int, int]] = field(default_factory=list)
    inside_strings: set[int] = field(default_factory=set)
    _heads: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _indexed: int = 0

    def statement(self, line: int) -> tuple[int, int]:
        """Return the first and last line of the statement that contains a line; between statements, the line itself."""
        index = bisect_right(self.statements, line, key=lambda statement: statement[0]) - 1
        if index >= 0 and self.statements[index][0] <= line <= self.statements[index][1]:
            return self.statements[index]
        return line, line

    def below(self, line: int) -> tuple[int, int]:
        """Return the lines of the first statement that begins after a line; if there is none, the line itself."""
        index = bisect_right(self.statements, line, key=lambda statement: statement[0])
        return self.statements[index] if index < len(self.statements) else (line, line)

    def block(self, statement: tuple[int, int]) -> tuple[int, int] | None:
        """Return the lines of the function or class whose head contains a statement, if any."""
        # Each line belongs to at most one head.
        self._heads.update({line: block for block in self.blocks[self._indexed :] for line in range(block[0], block[1] + 1)})
        self._indexed = len(self.blocks)
        found = self._heads.get(statement[0])
        return None if found is None or statement[1] > found[1] else (found[0], found[2])


def read(text: str, known: Collection[str] = ()) -> Comments:
    """Return the suppressions and facts in a text. With `known` codes and names of rules, unknown ones are mistakes."""
    lowered = text.lower()
    if not any(word in lowered for word in MENTIONS):
        return Comments()
    layout = lay_out(text)
    found: list[Suppression] = []
    mistakes: list[tuple[int, str]] = []
    declarations: list[Declared] = []
    for comment in layout.comments:
        for each in _directives(comment, layout):
            if isinstance(each, str):
                mistakes.append((comment.line, each))
                continue
            if isinstance(each, Declared):
                declarations.append(each)
                continue
            kept, problems = _known(each, known)
            mistakes += [(comment.line, problem) for problem in problems]
            if kept is not None:
                found.append(kept)
    return Comments(tuple(found), tuple(mistakes), tuple(declarations))


def is_known(code: str, known: Collection[str]) -> bool:
    """Whether a word of a suppression is the code of a rule, a prefix of codes, or the name of a rule."""
    return any(word.startswith(code) if code[:1].isupper() else word == code for word in known)


def _known(suppression: Suppression, known: Collection[str]) -> tuple[Suppression | None, list[str]]:
    """Return a suppression without unknown codes (`None` if none is left), and a warning for each unknown code."""
    if suppression.codes is None or not known:
        return suppression, []
    foreign = {code for code in suppression.codes if suppression.noqa and not code.upper().startswith("SRF")}
    wrong = [code for code in suppression.codes if code not in foreign and not is_known(code, known)]
    problems = [f"unknown rule `{code}`; {suggestion(code, known, 'see `surfacelint rule`')}" for code in wrong]
    codes = tuple(code for code in suppression.codes if code not in wrong)
    return (replace(suppression, codes=codes) if codes else None), problems


def _directives(comment: Comment, layout: Layout) -> Iterator[Suppression | Declared | str]:
    """Yield the suppressions and facts in a comment, and a warning for each malformed one."""
    if comment.alone and (found := _NOQA_FILE.match(comment.text)):
        yield Suppression(_span(comment, *found.span()), None, (0, 0), noqa=True, in_flake8=True)
    else:
        yield from _noqa(comment, layout)
    for found in DIRECTIVE.finditer(comment.text):
        directive = parse(found["body"])
        if isinstance(directive, Mistake):
            yield f"`{found.group().strip()}` {directive.problem}"
        if isinstance(directive, Declaration):
            yield Declared(comment.line, *_lines(comment, layout), directive)
        if not isinstance(directive, Ignore):
            continue
        end = found.start() + len(found.group().rstrip())
        lines, block = ((0, 0), False) if directive.whole_file else _lines(comment, layout)
        opening = comment.text.find("[", found.start(), end)
        listed = None
        if directive.codes is not None:
            listed = (comment.column + opening + 1, comment.column + comment.text.index("]", opening))
        span = _span(comment, found.start(), end)
        yield Suppression(span, directive.codes, lines, False, directive.reason, listed, comment.alone, block)


def _lines(comment: Comment, layout: Layout) -> tuple[tuple[int, int], bool]:
    """Return the lines that a `# surfacelint:` comment applies to, and whether they are those of a function or class."""
    statement = layout.statement(comment.line)
    if comment.alone and statement == (comment.line, comment.line):
        statement = layout.below(comment.line)
    block = layout.block(statement)
    return (statement, False) if block is None else (block, True)


def _noqa(comment: Comment, layout: Layout) -> Iterator[Suppression | str]:
    """Yield the `noqa` suppressions in a comment, and a warning for each malformed one: flake8 applies the first that it knows."""
    for pattern in (_FLAKE8_NOQA, _OTHER_NOQA):
        found = pattern.search(comment.text)
        if found is None:
            continue
        codes, problems = _noqa_codes(found)
        yield from problems
        if codes != ():
            yield _noqa_suppression(found, codes, comment, layout, pattern is _FLAKE8_NOQA)


def _noqa_codes(found: re.Match[str]) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the codes that can suppress something, `None` for every rule, and a warning for each that is malformed."""
    text = found.group().strip()
    if found["codes"] is None:
        rest = _NOQA_REST.match(found.string, found.end())
        whole = text if rest is None else f"{text}{rest.group()}".strip()
        ours = None if rest is None else _OURS.match(rest.group())
        if ours is None:
            return None, []
        code = ours["code"].upper().replace("-", "")
        meant = code if _CODE.fullmatch(code) else f"{code}101"
        return None, [f"`{whole}` suppresses every rule, as in flake8; write `# noqa: {meant}` to suppress only that"]
    problems = []
    codes = tuple(word for word in re.split(r"[,\s]+", found["codes"]) if word)
    for word in codes:
        parts = _CODE.findall(word)
        if not any(part.upper().startswith("SRF") for part in parts):
            continue
        if len(parts) > 1:
            problems.append(f"`{text}` does not suppress `{word}`: separate codes with commas; write {', '.join(parts).upper()}")
        elif word != word.upper():
            problems.append(f"`{text}` suppresses nothing: codes are upper-case; write {word.upper()}")
        else:
            continue
        codes = tuple(each for each in codes if each != word)
    return codes, problems


def _noqa_suppression(
    found: re.Match[str], codes: tuple[str, ...] | None, comment: Comment, layout: Layout, in_flake8: bool
) -> Suppression:
    reason = _NOQA_REASON.match(comment.text, found.end())
    end = reason.end() if reason else found.start() + len(found.group().rstrip(", \t"))
    listed = None
    if found["codes"] is not None:
        start = comment.column + found.start("codes")
        listed = (start, start + len(found["codes"].rstrip(", \t")))
    statement = (comment.line, comment.line) if comment.alone else layout.statement(comment.line)
    span = _span(comment, found.start(), end)
    return Suppression(span, codes, statement, True, reason["reason"] if reason else "", listed, comment.alone, in_flake8=in_flake8)


def _span(comment: Comment, start: int, end: int) -> Span:
    return Span(Position(comment.line, comment.column + start), Position(comment.line, comment.column + end))


def lay_out(text: str) -> Layout:
    """Return the layout of a text. If it cannot be tokenized, each line counts as a comment."""
    layout, is_sure = _tokenized(text)
    if layout is not None and is_sure:
        return layout
    from surfacelint.extraction.newer_syntax import older_spelling

    spelling = older_spelling(text)
    if spelling is not None:
        layout, _ = _tokenized(spelling.text)
        if layout is not None:
            layout.inside_strings |= spelling.inside_strings
    if layout is not None:
        return layout
    stripped = [(number, line, line.lstrip()) for number, line in enumerate(io.StringIO(text, newline=None), start=1)]
    return Layout([Comment(number, len(line) - len(bare), bare.rstrip(), True) for number, line, bare in stripped])


def _tokenized(text: str) -> tuple[Layout | None, bool]:
    """Return the layout of a text, and whether it is sure; `None` if the running Python cannot tokenize the text.

    Before Python 3.12, the fields of a formatted string may be taken for code between two strings. Often one is not a token, then.
    """
    layout = Layout()
    try:
        is_sure = _read_tokens(tokenize.generate_tokens(io.StringIO(text, newline=None).readline), layout)
    except (tokenize.TokenError, SyntaxError):
        return None, False
    return layout, is_sure


_SKIPPED = frozenset({tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER})


def _read_tokens(tokens: Iterator[tokenize.TokenInfo], layout: Layout) -> bool:
    """Add tokens to a layout. Returns whether all of them are tokens of Python."""
    is_sure = True
    start: tokenize.TokenInfo | None = None
    words: list[str] = []
    decorated = 0
    head: tuple[int, int] | None = None
    stack: list[tuple[int, int] | None] = []
    for token in tokens:
        if token.type == tokenize.COMMENT:
            alone = not token.line[: token.start[1]].strip()
            layout.comments.append(Comment(*token.start, token.string, alone))
        elif token.type == tokenize.INDENT:
            stack.append(head)
            head = None
        elif token.type == tokenize.DEDENT:
            block = stack.pop()
            if block is not None:
                layout.blocks.append((*block, layout.statements[-1][1]))
        elif token.type == tokenize.NEWLINE and start is not None:
            statement = (start.start[0], token.start[0])
            layout.statements.append(statement)
            if words[0] == "@":
                decorated = decorated or statement[0]
                head = None
            else:
                is_block = words[0] in ("def", "class") or words[:2] == ["async", "def"]
                head = (decorated or statement[0], statement[1]) if is_block else None
                decorated = 0
            start, words = None, []
        elif token.type not in _SKIPPED:
            is_sure = is_sure and token.type != tokenize.ERRORTOKEN
            if start is None:
                start = token
            layout.inside_strings.update(range(token.start[0], token.end[0]))
            if len(words) < 2:
                words.append(token.string)
    return is_sure
