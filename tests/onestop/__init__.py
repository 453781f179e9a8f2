"""A small one-stop system: it speaks the national exchange, wants a token, and fails on request.

It imports nothing of the desk, so that it cannot share a misreading of the protocol.
"""

from tests.onestop.server import OneStop

__all__ = ["OneStop"]
