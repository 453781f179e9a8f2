"""A small Zalo: it signs webhooks, takes messages strictly and fails on request.

It imports nothing of the desk, so that it cannot share a misreading of the platform.
"""

from tests.simulator.simulator import Simulator

__all__ = ["Simulator"]
