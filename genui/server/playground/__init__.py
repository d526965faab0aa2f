"""Where components are written and tried: docs/playground.md. It lets its user write files that this server
runs, so it is for an author's own machine: see `guard`."""

from genui.server.playground.ask import Asks
from genui.server.playground.playground import Playground

__all__ = ["Asks", "Playground"]
