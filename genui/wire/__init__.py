"""Events as bytes for a client: one pure module a protocol."""

from genui.wire import genui1

__all__ = ["genui1"]
