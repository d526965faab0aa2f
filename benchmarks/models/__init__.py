"""What a model's stream costs on its way from the socket to an event, and how soon the first event is out.

    python -m benchmarks.models           CPU a chunk, beside the openai package's own typed streams
    python -m benchmarks.models first     from a request to its first event, at 30 requests a second

The model's server is a process of its own on the loopback interface, so that its work is not counted.
"""
