"""The process in which text under edit is checked and drawn: `python -m genui.server.playground.sandbox`.

What an author is just typing, or what a stranger's link holds, is a program: a template can loop for ever,
a pattern can backtrack for ever, and either can fill the memory. A thread cannot be stopped, so it runs in
a process, with no environment but a path to import from, in Jinja2's sandbox, within limits that the
operating system keeps; its parent (`worker`) ends it when its time is over. Loaders are never run.

One JSON object a line in, one out; the first line out says that it is ready. A job's `folders` changes when
the saved components do, which are then read again.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genui.catalog import Catalog, Finding, check_folder, read_folder, sandbox_templates
from genui.errors import CallerError, GenUIError
from genui.server.playground.trace import pieces_of, trace
from genui.server.trial import trial_findings

MEMORY = 512_000_000
"""Bytes of address space beyond what the process has when it is ready."""

CPU = 15
"""Seconds of one job, should the parent be gone that would end it sooner."""

LARGEST_FILE = 4_000_000
LARGEST_ANSWER = 32_000_000


def main() -> None:
    """Answer jobs until the parent closes the pipe."""
    sandbox_templates()
    answers, sys.stdout = sys.stdout, sys.stderr  # what anything prints is no answer
    folders = [Path(argument) for argument in sys.argv[1:]]
    base, seen = Catalog.builtin(), None
    _limit_memory()
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        _limit_time()
        job = json.loads(line)
        if job.get("folders") != seen:
            base, seen = _base(folders), job.get("folders")
        print(_answer(job, base), file=answers, flush=True)


def _base(folders: list[Path]) -> Catalog:
    """The components of built-in and own folders, of those that can be read."""
    catalog = Catalog.builtin()
    for folder in folders:
        readings = read_folder(folder, run_loaders=False) if folder.is_dir() else ()
        catalog = catalog.merged(Catalog(one.component for one in readings if one.component is not None))
    return catalog


def _answer(job: Mapping[str, Any], base: Catalog) -> str:
    try:
        answer = json.dumps({"ok": _JOBS[job["job"]](job, base)})
        if len(answer) > LARGEST_ANSWER:
            raise CallerError("too-large", "What came of it is too large to be shown.", 413)
    except GenUIError as error:
        return json.dumps({"error": {"code": error.code, "message": error.message}})
    except MemoryError:
        return json.dumps({"error": {"code": "too-much-memory", "message": "It needs too much memory."}})
    except RecursionError:
        return json.dumps({"error": {"code": "too-deep", "message": "It is nested too deeply."}})
    return answer


def _check(job: Mapping[str, Any], base: Catalog) -> dict[str, Any]:
    """The findings of `genui check` on a component under edit, and what a page must know of it."""
    with tempfile.TemporaryDirectory(dir=".") as parent:
        _lay_out(Path(parent), job["draft"])
        readings = check_folder(Path(parent), run_loaders=False)
        own = [reading.component for reading in readings if reading.component is not None]
        catalog = base.merged(Catalog(own))
        found = {finding for reading in readings for finding in reading.findings}
        found |= {finding for reading in readings for finding in trial_findings(reading, catalog)}
        findings = [_told(finding) for finding in sorted(found, key=lambda one: one.sort_key)]
        name = own[0].name if own else None
        prompt = Catalog(own).prompt() if own else ""
    return {"findings": findings, "name": name, "examples": list(own[0].examples) if own else [],
            "loads": bool(own and own[0].load), "prompt": prompt}  # fmt: skip


def _trace(job: Mapping[str, Any], base: Catalog) -> dict[str, Any]:
    """What becomes of a text, with the component under edit in its place."""
    with tempfile.TemporaryDirectory(dir=".") as parent:
        catalog = base
        if draft := job.get("draft"):
            _lay_out(Path(parent), draft)
            readings = list(read_folder(Path(parent), run_loaders=False))
            catalog = base.merged(Catalog(one.component for one in readings if one.component is not None))
        pieces = job.get("pieces")
        if pieces is None:
            pieces = pieces_of(job["text"], job["chunking"], catalog)
        return trace(pieces, catalog, job.get("data") or {})


_JOBS = {"check": _check, "trace": _trace}


def _lay_out(parent: Path, draft: Mapping[str, Any]) -> None:
    """The files of a component under edit as a folder, since that is what a component is read from. Names
    were judged by the parent."""
    folder = parent / draft["folder"]
    folder.mkdir()
    for name, text in draft["files"].items():
        (folder / name).write_text(text, "utf-8", "replace")


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.path.name, "line": finding.line, "code": finding.code, "message": finding.message,
        "severity": finding.severity,
    }  # fmt: skip


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits: there the time alone is bounded
        return
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        used = pages * resource.getpagesize()
    except OSError:
        used = MEMORY  # no way to ask; macOS does not keep this limit anyway
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU, hard))


if __name__ == "__main__":
    main()
