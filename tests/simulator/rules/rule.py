"""A rule: its name, the code it is answered with, and when it is broken."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Verdict = bool | int
Refusal = tuple[int, str]


@dataclass(frozen=True)
class Rule:
    """One line of the strictness list.

    ``broken`` looks at what was asked and returns whether this rule is broken; it may return a
    code of its own, and must cope with anything: an earlier rule may be switched off.
    """

    name: str
    code: int
    message: str
    broken: Callable[[Any], Verdict]


class Rulebook:
    """Applies rules in order; ``off`` holds the names of those that are switched off."""

    def __init__(self, off: Iterable[str] = ()) -> None:
        self.off = set(off)
        self.hits: Counter[str] = Counter()
        self._last = threading.local()

    @property
    def last_broken(self) -> str | None:
        """Return the rule that was last found broken in this thread."""
        return getattr(self._last, "name", None)

    def forget(self) -> None:
        """Begin a new call in this thread."""
        self._last.name = None

    def first_broken(self, rules: Iterable[Rule], asked: Any) -> Refusal | None:
        """Return code and message of the first rule that ``asked`` breaks, or None."""
        for rule in rules:
            if rule.name in self.off:
                continue
            verdict = rule.broken(asked)
            if verdict is not False and verdict != 0:
                self.hits[rule.name] += 1
                self._last.name = rule.name
                return (rule.code if verdict is True else verdict), rule.message
        return None
