"""What a statement does that outlasts it: writes, calls for their effect, values that are consumed, chance and time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import method_name
from surfacelint.visitors.source_tree import SourceTree, children

Kind: TypeAlias = Literal["mutation", "rebinding", "assignment", "call", "use", "consumption", "chance", "clock", "sleep", "context"]

_OUTPUT = frozenset(
    {"print", "pprint", "pprint.pprint", "rich.print", "warnings.warn", "click.echo", "typer.echo", "tqdm.write", "tqdm.tqdm.write"}
)
_STANDARD_OUTPUT = frozenset({"sys.stdout", "sys.stderr", "stdout", "stderr"})
_LOGGERS = frozenset({"logging", "logger", "log", "LOGGER", "LOG", "_logger", "_log"})
_LOG_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
_REPEATABLE = frozenset(
    {"os.makedirs", "random.seed", "sys.exit", "exit", "quit", "load_dotenv", "dotenv.load_dotenv", "warnings.filterwarnings",
     "batchable", "end_rehearsal", "pause"}
)  # fmt: skip
_REPEATABLE_METHODS = frozenset({"mkdir", "print", "echo", "raise_for_status", "validate", "close", "flush", "seek"})
_DISPLAYS = frozenset({"set_postfix", "set_postfix_str", "set_description", "set_description_str", "set_text"})
_SHOWN = frozenset({"description", "visible", "refresh", "total", "status"})
_WRITES = frozenset(
    {"post", "put", "patch", "delete", "send", "sendall", "send_message", "publish", "enqueue", "delay", "apply_async", "commit",
     "executemany", "executescript", "insert_one", "insert_many", "update_one", "update_many", "replace_one", "delete_one", "delete_many",
     "bulk_create", "write_text", "write_bytes", "unlink", "touch", "os.remove", "os.unlink", "os.rename", "os.replace", "shutil.move",
     "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen"}
)  # fmt: skip
_STREAM_WRITES = frozenset({"write", "writelines", "writerow", "writerows", "writestr"})
_STREAMS = frozenset({"open", "writer", "DictWriter"})
_SQL_READS = ("select", "pragma", "show", "explain", "describe", "values")
_WRITERS = frozenset({"save", "dump", "savefig"})
_MUTATIONS = frozenset({"append", "extend", "add", "update", "insert", "remove", "discard", "clear", "appendleft", "sort", "reverse"})
_CONSUMPTIONS = frozenset({"pop", "popleft", "popitem", "get_nowait", "readline", "fetchone", "fetchmany", "__next__"})
_CHANCE = frozenset({"random", "secrets", "np.random", "numpy.random", "uuid.uuid1", "uuid.uuid4", "uuid4", "uuid1", "shuffle", "randint"})
_CLOCKS = frozenset(
    {
        "time.time",
        "time.perf_counter",
        "time.monotonic",
        "perf_counter",
        "monotonic",
        "datetime.now",
        "datetime.datetime.now",
        "datetime.utcnow",
        "datetime.datetime.utcnow",
        "timer",
        "timeit.default_timer",
        "time.time_ns",
        "time.process_time",
    }
)
_SLEEPS = frozenset({"time.sleep", "sleep", "asyncio.sleep"})
_FRESH = (cst.List, cst.Dict, cst.Set, cst.Tuple, cst.ListComp, cst.DictComp, cst.SetComp, cst.SimpleString, cst.FormattedString)
_SHARED_RESULTS = frozenset({"get", "setdefault"})


@record(frozen=True, slots=True)
class LastingEffect:
    """An effect. `path` is the dotted path that is written (`self.calls`), or the callee. `node` is the expression or statement.

    A `use` is a call for its value: it may have effects, too, if its callee does.
    """

    kind: Kind
    path: str
    node: cst.CSTNode


def dotted_path(node: cst.CSTNode) -> str:
    """Return the dotted path of a name or attribute, without subscripts and calls in it; empty for other expressions."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=attr)):
            inner = dotted_path(value)
            return f"{inner}.{attr}" if inner else ""
        case cst.Subscript(value=value):
            return dotted_path(value)
        case _:
            return ""


def is_output(node: cst.CSTNode) -> bool:
    """Whether a statement or expression only prints or logs."""
    if isinstance(node, cst.SimpleStatementLine):
        return all(is_output(each) for each in node.body)
    if isinstance(node, cst.Expr):
        return is_output(node.value)
    if not isinstance(node, cst.Call):
        return False
    path = dotted_path(node.func)
    root, _, method = path.rpartition(".")
    target = next((dotted_path(arg.value) for arg in node.args if arg.keyword is not None and arg.keyword.value == "file"), "sys.stdout")
    return (path in _OUTPUT and target in _STANDARD_OUTPUT) or (method in _LOG_METHODS and root.rpartition(".")[2] in _LOGGERS)


def is_write(node: cst.CSTNode) -> bool:
    """Whether an expression calls something that writes to a file, a database or another program."""
    return isinstance(node, cst.Call) and (_writes_outside(node) or method_name(node) in _STREAM_WRITES | {"execute"})


def is_sleep(node: cst.CSTNode) -> bool:
    """Whether an expression statement only sleeps."""
    value = node.value if isinstance(node, cst.Expr) else node
    value = value.expression if isinstance(value, cst.Await) else value
    return isinstance(value, cst.Call) and dotted_path(value.func) in _SLEEPS


@record(frozen=True, slots=True)
class OwnNames:
    """The names that some code binds. Those in `fresh` hold values of its own, so that changes of them do not outlast it."""

    bound: frozenset[str]
    fresh: frozenset[str]


def own_names(tree: SourceTree, scope: cst.CSTNode) -> OwnNames:
    """Return the names that the code of `scope` binds, without those of comprehensions and of functions in it."""
    return tree.once_for(scope, _own_names)


def _own_names(tree: SourceTree, scope: cst.CSTNode) -> OwnNames:
    bindings = [binding for node in tree.inside(scope) for binding in _bindings(node)]
    shared = {name for name, value in bindings if value is None or not _is_fresh(value)}
    outer = {item.name.value for node in tree.inside(scope) if isinstance(node, cst.Global | cst.Nonlocal) for item in node.names}
    bound = frozenset(name for name, _ in bindings) - outer
    return OwnNames(bound, bound - shared)


def effects_of(tree: SourceTree, statement: cst.CSTNode, own: OwnNames) -> Iterator[LastingEffect]:
    """Yield the lasting effects of a simple statement or an expression. Names in `own` belong to the code around it."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return
    for node in tree.within(statement):
        yield from _writes(node, own)
        if isinstance(node, cst.Call):
            yield from _calls(tree, node, own)
        if isinstance(node, cst.WithItem) and isinstance(node.item, cst.Call):
            yield LastingEffect("context", dotted_path(node.item.func), node.item)


_WRITING = frozenset({cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Del, cst.Yield})


def _writes(node: cst.CSTNode, own: OwnNames) -> Iterator[LastingEffect]:
    if type(node) not in _WRITING:
        return
    match node:
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                yield from _written(target.target, own, node, "rebinding" if _grows(target.target, value) else "assignment")
        case cst.AnnAssign(target=target, value=value) if value is not None:
            yield from _written(target, own, node, "assignment")
        case cst.AugAssign(target=target):
            yield from _written(target, own, node, "rebinding")
        case cst.Del(target=target):
            yield from _written(target, own, node, "rebinding")
        case cst.Yield():
            yield LastingEffect("call", "yield", node)
        case _:
            pass


def _grows(target: cst.CSTNode, value: cst.BaseExpression) -> bool:
    """Whether an assignment makes the new value from the old one, so that it is another one each time: `n[key] = n.get(key, 0) + 1`."""
    path = dotted_path(target)
    if not path or isinstance(value, cst.BooleanOperation | cst.IfExp):
        return False
    pending: list[cst.CSTNode] = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name | cst.Attribute) and dotted_path(node) == path:
            return True
        pending += children(node)
    return False


def _written(target: cst.CSTNode, own: OwnNames, node: cst.CSTNode, kind: Kind) -> Iterator[LastingEffect]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _written(element.value, own, node, kind)
        return
    path = dotted_path(target)
    if path.partition(".")[0] not in (own.bound if isinstance(target, cst.Name) else own.fresh):
        yield LastingEffect(kind, path or "the target", node)


def _calls(tree: SourceTree, call: cst.Call, own: OwnNames) -> Iterator[LastingEffect]:
    path, method = dotted_path(call.func), method_name(call)
    root = path.rpartition(".")[0]
    if path in _SLEEPS:
        yield LastingEffect("sleep", path, call)
    elif path in _CLOCKS:
        yield LastingEffect("clock", path, call)
    elif path in _CHANCE or (root in _CHANCE and path not in _REPEATABLE):
        yield LastingEffect("chance", path, call)
    elif path == "next" or path == "input":
        yield LastingEffect("consumption", _argument(call) or path, call)
    elif _writes_outside(call):
        yield LastingEffect("call", path or tree.code(call.func), call)
    elif _is_repeatable(call) or root.partition(".")[0] in own.fresh:
        return
    elif method in _CONSUMPTIONS and root:
        yield LastingEffect("consumption", root, call)
    elif method in _MUTATIONS and root:
        yield LastingEffect("mutation", root, call)
    else:
        is_for_effect = method in _STREAM_WRITES or (_is_statement(tree, call) and not _fills(call, own))
        yield LastingEffect("call" if is_for_effect else "use", path or tree.code(call.func), call)


def _writes_outside(call: cst.Call) -> bool:
    """Whether a call writes to a database or another program, whatever object it is a method of."""
    sql = sql_of(call)
    return method_name(call) in _WRITES or dotted_path(call.func) in _WRITES or bool(sql and not sql.startswith(_SQL_READS))


def _is_repeatable(call: cst.Call) -> bool:
    is_plain = dotted_path(call.func) in _REPEATABLE or method_name(call) in _REPEATABLE_METHODS
    return is_plain or bool(sql_of(call)) or is_output(call) or _is_display(call)


def _is_display(call: cst.Call) -> bool:
    """Whether a call only changes what a progress bar says next to its progress."""
    keywords = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    return method_name(call) in _DISPLAYS or (method_name(call) == "update" and bool(keywords) and keywords <= _SHOWN)


def sql_of(call: cst.Call) -> str:
    """Return the beginning of the statement that `execute` is given, in lower case; empty if it is not to be seen."""
    text: cst.CSTNode | None = call.args[0].value if method_name(call) == "execute" and call.args else None
    while isinstance(text, cst.Call) and text.args:  # sqlalchemy.text("…")
        text = text.args[0].value
    text = text.left if isinstance(text, cst.ConcatenatedString) else text
    if isinstance(text, cst.FormattedString):
        text = next(iter(text.parts), None)
    spelled = text.raw_value if isinstance(text, cst.SimpleString) else text.value if isinstance(text, cst.FormattedStringText) else ""
    return spelled.replace("\\n", " ").strip().lower()


def _fills(call: cst.Call, own: OwnNames) -> bool:
    """Whether a call writes into something that the code made for that, as in `image.save(buffer)`."""
    is_writer = isinstance(call.func, cst.Attribute) and call.func.attr.value in _WRITERS
    return is_writer and any(isinstance(arg.value, cst.Name) and arg.value.value in own.fresh for arg in call.args)


def _argument(call: cst.Call) -> str:
    return dotted_path(call.args[0].value) if call.args else ""


def _is_statement(tree: SourceTree, call: cst.Call) -> bool:
    parent = tree.parent(call)
    if isinstance(parent, cst.Await):
        parent = tree.parent(parent)
    return isinstance(parent, cst.Expr)


_BINDING = frozenset({cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.For, cst.WithItem, cst.ExceptHandler, cst.FunctionDef, cst.ClassDef})
"""The classes of nodes that may bind a name. A match against each pattern below takes much longer than a look-up."""


def _bindings(node: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    """Yield the names that a node binds, each with the value if it is known to be that."""
    if type(node) not in _BINDING:
        return
    match node:
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                yield from ((name, value) for name in target_names(target.target))
        case cst.AnnAssign(target=target, value=value):
            yield from ((name, value) for name in target_names(target))
        case cst.NamedExpr(target=target, value=value):
            yield from ((name, value) for name in target_names(target))
        case cst.For(target=target):
            yield from ((name, None) for name in target_names(target))
        case cst.WithItem(item=item, asname=cst.AsName(name=target)):
            yield from ((name, item if _opens_anew(item) else None) for name in target_names(target))
        case cst.ExceptHandler(name=cst.AsName(name=target)):
            yield from ((name, None) for name in target_names(target))
        case cst.FunctionDef(name=cst.Name(value=name)) | cst.ClassDef(name=cst.Name(value=name)):
            yield name, None
        case _:
            pass


def _opens_anew(item: cst.BaseExpression) -> bool:
    """Whether a `with` statement opens a file whose earlier content is lost, or is only read."""
    if not isinstance(item, cst.Call) or dotted_path(item.func).rpartition(".")[2] != "open":
        return False
    modes = [arg.value.evaluated_value for arg in item.args if isinstance(arg.value, cst.SimpleString)]
    return not any(isinstance(mode, str) and len(mode) <= 3 and ("a" in mode or "+" in mode) for mode in modes)


def target_names(target: cst.CSTNode) -> Iterator[str]:
    """Yield the plain names in the target of an assignment or loop."""
    match target:
        case cst.Name(value=name):
            yield name
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from target_names(element.value)
        case cst.StarredElement(value=value):
            yield from target_names(value)
        case _:
            pass


def _is_fresh(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Await):
        return True
    if isinstance(value, cst.Call):
        name = dotted_path(value.func).rpartition(".")[2]
        return _opens_anew(value) if name in _STREAMS else name not in _SHARED_RESULTS
    return not isinstance(value, cst.Name | cst.Attribute | cst.Subscript) or isinstance(value, _FRESH)
