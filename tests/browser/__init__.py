"""Headless Chromium against a real server on loopback. Tests and server share one event loop, so that a
test holds the model in its hand: it writes a piece, looks at the page, and writes the next.
"""
