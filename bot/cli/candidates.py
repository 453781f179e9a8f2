"""Writes reviewed phrases as training phrases for staff to read, correct and move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from string import Template

from bot.core.conversation.intents import ANSWERS
from bot.nlu.parser import FALLBACK
from bot.store import Reviewed

_HEAD = Path(__file__).with_name("review.vi.txt")
_MARKUP = str.maketrans("[]{}", "()()")  # a citizen must not annotate our training data


def as_training_file(rows: Sequence[Reviewed]) -> str:
    """Return the phrases grouped by the intent picked, else guessed, most frequent first.

    What belongs to no intent of ours stands in comments at the end.
    """
    groups: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        intent = row.picked or row.guessed
        known = intent in ANSWERS and intent != FALLBACK
        groups[intent if known else ""][_one_line(row.text)] = None
    homeless = groups.pop("", {})
    count = sum(map(len, groups.values())) + len(homeless)
    head = Template(_HEAD.read_text(encoding="utf-8")).substitute(count=count)
    lines = [f"# {line}".rstrip() for line in head.splitlines()] + ['version: "3.1"', "", "nlu:"]
    for intent in sorted(groups):
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {text}" for text in groups[intent]]
    if not groups:
        lines[-1] = "nlu: []"
    return "\n".join([*lines, *(f"# - {text}" for text in homeless), ""])


def _one_line(text: str) -> str:
    words = " ".join(text.translate(_MARKUP).split())
    return "".join(char for char in words if char.isprintable()).lstrip("-/ ")
