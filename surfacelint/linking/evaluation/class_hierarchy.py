"""The class hierarchy: base classes, subclasses, protocols, and the classes that an instance may be of."""

from __future__ import annotations

from surfacelint.linking.evaluation.abstract_values import Class, External, Instance, Value, Values
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.question_memo import SUBCLASSES, differing
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode

_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})

DEEPEST_LINEAGE = 1_024
"""Most base classes of one class. Further ones are ignored, and the class is added to `Classes.cut`."""

NEAREST_BASES = 64
"""How many of its bases, nearest first, a class counts as a subclass of: no program overrides a method further away."""

MOST_FITTING = 40
"""If more classes than this have the rarest method of a protocol, none of them is taken for an implementation."""


class Classes:
    """The classes of a program and how they are related."""

    def __init__(self, program: ProgramIndex, expressions: ExpressionEvaluator) -> None:
        self._program = program
        self._memo = program.memo
        self._expressions = expressions
        self.cut: set[str] = set()
        self._bases: dict[str, list[ClassNode | External]] = {}
        self._subclasses: dict[str, list[str]] = {}
        self._receivers: dict[Instance, frozenset[str]] = {}
        self._running: dict[tuple[Instance, str], frozenset[str]] = {}
        self._fitting: dict[str, list[str]] = {}
        self._state: tuple[int, frozenset[str]] = (0, frozenset())

    def update(self) -> list[str]:
        """Find the subclasses of each class, and the classes that fit each protocol, among all loaded modules.

        Return the classes for which these have changed. Nothing is done if the loaded and the relevant modules are the same as last time.
        """
        state = (len(self._program.modules), self._program.relevant)
        if state == self._state:
            return []
        self._state = state
        subclasses_before, fitting_before = self._subclasses, self._fitting
        self._bases = {}
        self._subclasses = {}
        self._receivers = {}
        self._running = {}
        nodes = [node for module in self._program.modules.values() if module is not None for node in module.classes.values()]
        for node in nodes:
            for base in self.bases(node.id)[1 : NEAREST_BASES + 1]:
                self._subclasses.setdefault(base.id if isinstance(base, ClassNode) else base.path, []).append(node.id)
        self._fitting = self._find_fitting(nodes)
        return [*differing(subclasses_before, self._subclasses), *differing(fitting_before, self._fitting)]

    def node(self, id_: str) -> ClassNode:
        """Return the class with an identifier."""
        module, _, qualname = id_.rpartition(":")
        node = self._program.module(module)
        assert node is not None
        return node.classes[qualname]

    # Base classes and subclasses.

    def bases(self, id_: str) -> list[ClassNode | External]:
        """Return the class itself and its bases, direct and indirect, nearest first. Library classes are paths."""
        known = self._bases.get(id_)
        if known is None:
            inherited = [value for value in self._lineage(id_) if isinstance(value, Class | External)]
            known = [self.node(id_), *(self.node(value.id) if isinstance(value, Class) else value for value in inherited)]
            if ("bases", id_) in self._memo.firm:
                self._bases[id_] = known
        return known

    def _lineage(self, id_: str) -> Values:
        return self._memo.answer(("bases", id_), lambda: self._inherited(id_))

    def _inherited(self, id_: str) -> Values:
        """Return the bases of a class as values, nearest first, at most `DEEPEST_LINEAGE` of them."""
        node = self.node(id_)
        found: dict[Value, None] = {}
        for base in node.outline.bases:
            for value in self._expressions.evaluate(base, node.scope):
                if isinstance(value, Class):
                    # A base that several bases share comes after all of them.
                    for inherited in (value, *self._lineage(value.id)):
                        found.pop(inherited, None)
                        found[inherited] = None
                elif isinstance(value, External):
                    found.setdefault(value)
        found.pop(Class(id_), None)
        if len(found) > DEEPEST_LINEAGE:
            self.cut.add(id_)
        return tuple(found)[:DEEPEST_LINEAGE]

    def subclasses(self, id_: str) -> list[str]:
        """Return the identifiers of all classes that inherit from a class, given by identifier or, in a library, by path."""
        self._memo.consult((SUBCLASSES, id_))
        return self._subclasses.get(id_, [])

    # Protocols.

    def _find_fitting(self, nodes: list[ClassNode]) -> dict[str, list[str]]:
        """Return, for each protocol, the classes that have all of its methods without inheriting from it."""
        having: dict[str, list[ClassNode]] = {}
        protocols = []
        for node in nodes:
            if self._is_protocol(node.id):
                protocols.append(node)
                continue
            for name in node.methods:
                having.setdefault(name, []).append(node)
        found = {}
        for protocol in protocols:
            wanted = [name for name in protocol.methods if name == "__call__" or not name.startswith("__")]
            rarest = min((having.get(name, []) for name in wanted), key=len, default=[])
            heirs = (
                [self.node(id_) for node in rarest for id_ in (node.id, *self.subclasses(node.id))] if len(rarest) <= MOST_FITTING else []
            )
            fitting = dict.fromkeys(node.id for node in heirs if all(self._fits(node, protocol, name) for name in wanted))
            found[protocol.id] = list(fitting)
        return found

    def is_unmet_protocol(self, value: Instance) -> bool:
        """Whether a value is declared as a protocol that no class fits."""
        return self._is_protocol(value.id) and len(self.receivers(value)) == 1

    def instantiated_fitting(self, protocol: str) -> list[str]:
        """Return the classes that fit a protocol and of which instances are made."""
        self._memo.consult((SUBCLASSES, protocol))
        return [id_ for id_ in self._fitting.get(protocol, []) if self._program.calls_of(id_)]

    def _is_protocol(self, id_: str) -> bool:
        return any(isinstance(base, External) and base.path in _PROTOCOLS for base in self.bases(id_))

    def _fits(self, node: ClassNode, protocol: ClassNode, name: str) -> bool:
        """Whether a class has a method of a protocol. `__call__` has to have the same parameters, because nearly anything can be called."""
        defining = defining_class(self.bases(node.id), name)
        if defining is None or name != "__call__":
            return defining is not None
        expected, actual = [[each.name for each in owner.method(name).outline.parameters] for owner in (protocol, defining)]
        return expected[1:] == actual[1 : len(expected)]

    # Receivers.

    def receivers(self, value: Instance) -> frozenset[str]:
        """Return the classes that an instance may be of: its class, and the subclasses that run the method whose receiver it is."""
        if not value.exact:
            self._memo.consult((SUBCLASSES, value.id))
        known = self._receivers.get(value)
        if known is None:
            found = {value.id}
            if not value.exact:
                subclasses = self.subclasses(value.id)
                found.update(self._fitting.get(value.id, ()))
                found.update(subclasses if not value.via else [sub for sub in subclasses if self._runs(sub, value.via)])
            known = self._receivers[value] = frozenset(found)
        return known

    def subclass_receivers(self, value: Instance) -> list[str]:
        """Return the subclasses that an instance may be of."""
        possible = self.receivers(value)
        return [sub for sub in self.subclasses(value.id) if sub in possible]

    def running(self, value: Instance, method: FunctionNode) -> frozenset[str]:
        """Return the classes that an instance may be of in which a call of the method's name runs `method`."""
        possible = self.receivers(value)
        key = (value, method.id)
        known = self._running.get(key)
        if known is None:
            name = method.outline.name
            known = frozenset([id_ for id_ in possible if self._overriding(id_, name) == method.id]) or possible
            if all(map(self._bases.__contains__, possible)):  # otherwise it may depend on what is not known yet
                self._running[key] = known
        return known

    def _overriding(self, id_: str, name: str) -> str | None:
        """Return the identifier of the method that instances of a class run for a name."""
        node = defining_class(self.bases(id_), name)
        return None if node is None else node.method(name).id

    def _runs(self, id_: str, method: str) -> bool:
        """Whether instances of a class run a method that it inherits, directly or through `super()`."""
        function = self._program.function(method)
        name = function.outline.name
        for node in self.bases(id_):
            if not isinstance(node, ClassNode):
                continue
            if node is function.owner or name in node.passed_on:
                return True
            if name in node.methods:
                return False
        return True


def defining_class(lineage: list[ClassNode | External], name: str) -> ClassNode | None:
    """Return the first class in a lineage that defines a method."""
    for base in lineage:  # asked too often for a generator
        if isinstance(base, ClassNode) and name in base.methods:
            return base
    return None
