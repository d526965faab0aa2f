"""The chat page under load, in Chromium: `python -m benchmarks.frontend` writes benchmarks/frontend.md."""
