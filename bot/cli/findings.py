"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something looked at: in order, to be thought of, or to be fixed as ``detail`` says."""

    good: bool
    name: str
    detail: str = ""
    word: str = "ok  "

    @property
    def line(self) -> str:
        """Return the line shown.

        >>> ok("store").line, fix("worker", "start it").line
        ('ok   store', 'fix: worker: start it')
        """
        return f"{self.word} {self.name}{f': {self.detail}' if self.detail else ''}"


def ok(name: str, detail: str = "") -> Finding:
    """Return a finding in order."""
    return Finding(True, name, detail)


def fix(name: str, advice: str) -> Finding:
    """Return a finding somebody must act on."""
    return Finding(False, name, advice, "fix:")


def warn(name: str, advice: str) -> Finding:
    """Return a finding the desk works without, for now."""
    return Finding(True, name, advice, "warn")
