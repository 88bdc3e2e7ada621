"""Fast frozen dataclasses. Each run defines hundreds of classes and creates millions of instances.

A frozen dataclass takes three times as long to instantiate as another one, because it must bypass its own protection, and
five times as long to define, because each method is generated and compiled. A `record` is a frozen dataclass for the type
checker. At run time nothing prevents changes, and only `__init__` is compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["HashedOnce", "record"]


class HashedOnce:
    """Base class of records that are often used as keys: each instance caches its hash."""

    __slots__ = ("_hash",)


if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass, fields
    from operator import attrgetter, ge, gt, le, lt

    def record(*, frozen, slots, eq=True, order=False):
        """Turn a class into a dataclass with the equality, hash, order and `repr` of a frozen one."""
        assert frozen
        assert slots

        def made(cls):
            cls = dataclass(slots=True, eq=False, repr=False)(cls)
            methods = {"__repr__": _shown([field.name for field in fields(cls) if field.repr])}
            compared = [field.name for field in fields(cls) if field.compare]
            key = attrgetter(*compared) if compared else _nothing
            if eq:
                hashed = _hashed_once(key) if issubclass(cls, HashedOnce) else lambda self: hash(key(self))
                methods |= {"__eq__": _equal(key), "__hash__": hashed}
            if order:
                methods |= {f"__{operator.__name__}__": _ordered(key, operator) for operator in (lt, le, gt, ge)}
            for name, method in methods.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return made

    def _nothing(_record):
        return ()

    def _shown(names):
        def method(self):
            return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in names])})"

        return method

    def _hashed_once(key):
        def method(self):
            try:
                return self._hash
            except AttributeError:
                found = self._hash = hash(key(self))
                return found

        return method

    def _equal(key):
        def method(self, other):
            return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

        return method

    def _ordered(key, operator):
        def method(self, other):
            return operator(key(self), key(other)) if other.__class__ is self.__class__ else NotImplemented

        return method
