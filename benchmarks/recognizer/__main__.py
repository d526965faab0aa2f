"""python -m benchmarks.recognizer: both sides in turn, medians, the report."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.recognizer import report
from benchmarks.recognizer.formats import FORMATS, document
from benchmarks.recognizer.screens import COUNTED, SCHEMA, count

HERE = Path(__file__).parent
REPORT = HERE.with_suffix(".md")
SIZES = (1_000, 10_000, 100_000)

Output = dict[str, Any]


def main() -> None:
    """See the package."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents.json"
        documents.write_text(json.dumps(_documents()), encoding="utf-8")
        flags = [str(documents), "--piece", str(options.piece), "--budget", str(options.budget)]
        rounds = [_round(flags, number + 1, options.rounds) for number in range(options.rounds)]
    outputs = [_merged(sides) for sides in zip(*rounds, strict=True)]
    _write(outputs, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognizer", description=__doc__)
    parser.add_argument("--piece", type=int, default=4, help="characters fed at once (default: 4)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs (default: 3)")
    parser.add_argument(
        "--budget", type=float, default=1.0, help="processor seconds for one document before it is sampled"
    )
    return parser.parse_args()


def _documents() -> dict[str, Any]:
    screens = {size: document(size) for size in SIZES}
    texts = {
        size: {name: write(screen) for name, write in FORMATS.items()} for size, screen in screens.items()
    }
    return {"schema": SCHEMA, "counted": COUNTED, "documents": texts}


def _round(flags: list[str], number: int, rounds: int) -> tuple[Output, Output]:
    print(f"round {number} of {rounds}", file=sys.stderr)
    return (
        _run([sys.executable, "-m", "benchmarks.recognizer.side", *flags]),
        _run(["node", str(HERE / "peers.mjs"), *flags]),
    )


def _run(command: list[str]) -> Output:
    environment = os.environ | {"DO_NOT_TRACK": "1"}  # OpenUI and others measure, too
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment, cwd=HERE.parents[1])
    output: Output = json.loads(done.stdout)
    for result in output["results"]:
        _check(result)
    return output


def _check(result: Output) -> None:
    """Raises SystemExit where a contender did not do the work: its speed would mean nothing."""
    expected = count(document(result["size"]))
    whole = result["timed"] == result["pieces"] or result.get("skips", True)
    if whole and result["components"] != expected:
        found = result["components"]
        sys.exit(f"{result['name']} found {found} of {expected} components in {result['size']} characters")


def _merged(rounds: tuple[Output, ...]) -> Output:
    """One side's output: median times, and of the pieces timed the fewest."""
    merged = dict(rounds[0])
    for part in ("results", "probes"):
        measured = zip(*(one.get(part, ()) for one in rounds), strict=True)
        merged[part] = [_middle(same) for same in measured]
    return merged


def _middle(same: tuple[Output, ...]) -> Output:
    seconds = median(one["seconds"] for one in same)
    timed = min(one.get("timed", 0) for one in same)
    return same[0] | {"seconds": seconds, "timed": timed}


def _write(outputs: list[Output], options: argparse.Namespace) -> None:
    python, node = outputs
    figures = [_figure(result, options.piece) for output in outputs for result in output["results"]]
    tokens = {(probe["name"], probe["size"]): probe["seconds"] * 1e6 for probe in python["probes"]}
    values = {
        "peers": report.peers(figures),
        "tokens": report.probes(tokens),
        "memory": report.memory(python["memory"]),
        "reached": _reached(figures),
        "piece": str(options.piece),
        "rounds": str(options.rounds),
        "machine": _machine(),
        "versions": ", ".join(f"{name} {version}" for name, version in _versions(python, node)),
        "command": f"make bench-recognizer{_arguments()}",
    }
    known = report.quantities(figures, tokens, python["memory"])
    text, unshown = report.fill(report.TEMPLATE.read_text(encoding="utf-8"), values, known)
    REPORT.write_text(text, encoding="utf-8")
    print(values["peers"], values["tokens"], values["memory"], f"In benchmarks/{REPORT.name}.", sep="\n\n")
    for claim in unshown:
        print(f"left out of the report, since this run does not show it: {claim}", file=sys.stderr)


def _figure(result: Output, piece: int) -> report.Figure:
    skips, timed, pieces = result.get("skips", True), result["timed"], result["pieces"]
    return report.Figure(
        name=result["name"],
        format=result["format"],
        size=result["size"],
        characters=result["characters"],
        micros=result["seconds"] * 1e6 * pieces / result["characters"],
        sampled=skips and timed < pieces,
        reached=timed * piece if not skips and timed < pieces else None,
    )


def _reached(figures: list[report.Figure]) -> str:
    cut = [figure for figure in figures if figure.reached is not None]
    stops = (f"{figure.name} {figure.reached:,} of {figure.characters:,} characters" for figure in cut)
    return "; ".join(stops) or "none"


def _machine() -> str:
    cores = os.cpu_count()
    return f"{_processor()}, {cores} cores, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.processor()


def _versions(*outputs: Output) -> list[tuple[str, str]]:
    return [item for output in outputs for item in output["versions"].items()]


def _arguments() -> str:
    return f' ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else ""


if __name__ == "__main__":
    main()
