"""Writes what was measured as Markdown, and puts it between two markers of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from bot.nlu.figures import (
    among_first,
    answered_wrongly,
    calibration_error,
    confusions,
    grouped,
    log_loss,
    refused_wrongly,
    reliability,
    right,
)
from bot.nlu.gate import Judged
from bot.nlu.steps import steps

BEGIN, END = "<!-- understanding:begin -->", "<!-- understanding:end -->"
_TITLES = {"phrases": "first author", "second_author": "second author"}
_WAYS = {
    "standard": "standard",
    "no_marks": "without marks",
    "teencode": "teen spelling",
    "typo": "typing slips",
    "dialect": "dialect",
    "short": "one to three words",
    "story": "story",
    "coded": "with codes, dates, phones",
    "noisy": "noisy (NFD, capitals, emoji, dictated)",
}
_TOGETHER = "together"
_CONFUSIONS = 15

Sets = Mapping[str, Sequence[Judged]]


class NoPlace(Exception):
    """The page has no pair of markers to write between."""


def title_of(path: Path) -> str:
    """Return what a file of phrases is called in the tables."""
    return _TITLES.get(path.stem, path.stem.replace("_", " "))


def report(sets: Sets, note: str = "", examples_from: str = "") -> str:
    """Return all tables for sets of judged phrases.

    Examples of mistakes come from ``examples_from`` only: the phrases of a set that is still to
    judge fairly must not be read by those who train.
    """
    both = with_together(sets)
    everything = list(both.values())[-1]
    parts = [
        note,
        _overall(both),
        "What the citizen gets, by the ladder (docs/understanding.md):",
        _ladder(both),
        "By way of writing:",
        _by(both, lambda item: _WAYS.get(item.way, item.way), list(_WAYS.values())),
        "By intent:",
        _by(both, lambda item: item.intent, []),
        f"The {_CONFUSIONS} most frequent mistakes:",
        _mistakes(everything, sets.get(examples_from, ())),
        "Whether a confidence means what it says (first guess, before anything is refused):",
        _honesty(everything),
    ]
    return "\n\n".join(part for part in parts if part)


def with_together(sets: Sets) -> dict[str, Sequence[Judged]]:
    """Return the sets and, when there are several, all of them as one more."""
    together = [item for judged in sets.values() for item in judged]
    return {**sets, _TOGETHER: together} if len(sets) > 1 else dict(sets)


def write_between_markers(page: Path, text: str) -> None:
    """Replace what stands between the markers of ``page``. Raises NoPlace."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoPlace(f"{page} has no {BEGIN} followed by {END}")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _overall(sets: Sets) -> str:
    head = (
        "phrases of", "phrases", "right", "in first two", "in first three", "refused wrongly",
        "out of scope answered with a topic", "calibration error", "log loss",
    )  # fmt: skip
    rows = [
        (
            name,
            str(len(judged)),
            f"**{right(judged):.1%}**",
            f"{among_first(judged, 2):.1%}",
            f"{among_first(judged, 3):.1%}",
            f"{refused_wrongly(judged):.1%}",
            f"{answered_wrongly(judged):.1%}",
            f"{calibration_error(judged):.3f}",
            f"{log_loss(judged):.3f}",
        )
        for name, judged in sets.items()
    ]
    return _table(head, rows)


def _ladder(sets: Sets) -> str:
    head = (
        "phrases of", "answered rightly", "answered wrongly", "asked, the right one offered",
        "asked in vain", "refused wrongly", "out of scope answered with a topic",
    )  # fmt: skip
    rows = [
        (name, *(f"{share:.1%}" for share in vars(steps(judged)).values()))
        for name, judged in sets.items()
    ]
    return _table(head, rows)


def _by(sets: Sets, key: Callable[[Judged], str], order: Sequence[str]) -> str:
    """Return one row for each value of ``key``; the worst come first unless ``order`` is given."""
    groups = {name: grouped(judged, key) for name, judged in sets.items()}
    last = list(groups.values())[-1]
    worst = sorted(last, key=lambda value: (right(last[value]), value))
    values = [value for value in order if value in last] + [v for v in worst if v not in order]
    head = ["", *(column for name in sets for column in (name, "right"))]
    rows = [
        [value, *(cell for group in groups.values() for cell in _cells(group.get(value, ())))]
        for value in values
    ]
    return _table(head, rows)


def _cells(judged: Sequence[Judged]) -> tuple[str, str]:
    return (str(len(judged)), f"{right(judged):.1%}") if judged else ("0", "-")


def _mistakes(judged: Sequence[Judged], readable: Sequence[Judged]) -> str:
    rows = []
    for item in confusions(judged, _CONFUSIONS):
        pair = (item.meant, item.understood)
        example = next((j.text for j in readable if (j.intent, j.understood) == pair), "")
        rows.append((item.meant, item.understood, str(item.count), _in_cell(example)))
    return _table(("meant", "understood", "times", "example"), rows)


def _in_cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _honesty(judged: Sequence[Judged]) -> str:
    head = ("confidence", "phrases", "mean", "right", "in first two", "in first three")
    rows = [
        (
            f"{band.low:.2f}-{band.high:.2f}",
            str(band.phrases),
            f"{band.confidence:.1%}",
            f"{band.right:.1%}",
            f"{band.in_two:.1%}",
            f"{band.in_three:.1%}",
        )
        for band in reliability(judged)
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
