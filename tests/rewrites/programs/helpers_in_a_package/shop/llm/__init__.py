from .client import complete

__all__ = ["complete"]
