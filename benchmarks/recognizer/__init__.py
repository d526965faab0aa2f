"""How fast is the recognizer, and does its cost grow with the document? `make bench-recognizer` answers.

One run compares this recognizer with what others use for the same job, on the same screens, and writes
`benchmarks/recognizer.md`. Options go through `make bench-recognizer ARGS="--piece 1 --rounds 5"`.

    screens.py      makes screens (prose, cards, metrics, tables), the same ones every time
    formats.py      writes them as genui markup, OpenUI Lang, json-render patches, JSON, HTML
    contenders.py   what Python has: this recognizer, a rescanning `re`, html.parser, lxml
    peers.mjs       what npm has: OpenUI, json-render, hashbrown, the AI SDK; versions in package.json
    measure.py      the stopwatch (stopwatch.mjs: the same for Node), and how a quadratic contender is sampled
    probes.py       this recognizer alone: one kind of text at a time, and memory
    side.py         the Python side: measures its contenders and prints JSON, as peers.mjs does
    report.py       the tables, put into report.md, whose prose is written by hand
    __main__.py     runs both sides in turn, round after round, and takes medians

**What is fed and what is asked.** A document arrives in pieces of four characters, about a token. After
each piece the contender is asked for what a streaming interface would show next: our recognizer, html.parser
and lxml hand back the events since the last piece; OpenUI and json-render the tree so far, out of the
same call; hashbrown's parser its state, which its own schema then resolves with its own cache, as its
chat does; the AI SDK the object so far, from the whole text so far; the rescan all complete tags so far.

**What is timed.** Processor seconds of only these calls, with the document in memory. A contender that
would need longer than `--budget` seconds for a document is sampled: stretches of pieces spread evenly over
the document are timed, and what lies between them is fed in one piece, untimed. To hashbrown a gap costs as
much as its pieces, so it reads from the start for three budgets. The report marks both kinds of figures.

**Is it the same work?** Every contender must find every component of a document it read to its end, or the
run stops.
It is not the same *amount* of work: only this recognizer, OpenUI and hashbrown know the components'
schemas. Python and JavaScript are different machines, too: compare growth across the two, and
microseconds within one.

**Which versions?** The newest that run on Node 20 when this was written: the AI SDK's 7 wants Node 22, and
hashbrown exports its parser from 0.5 on. No install scripts run: the only one, OpenUI's, sends telemetry.
"""
