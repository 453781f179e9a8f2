"""Which procedure a citizen means: named now, or still in talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.desk import Ask
from bot.core.services.catalogue import Catalogue, Match, Procedure

CONFIDENT = 0.75  # one procedure is answered straight away
POSSIBLE = 0.45  # below this a match is not worth offering
_MOST_CHOICES = 4


@dataclass(frozen=True)
class Resolved:
    """The procedure meant, or the ``choices`` to offer, or neither.

    ``named`` is what the citizen called it, when nothing in the catalogue fits.
    """

    procedure: Procedure | None = None
    choices: tuple[Procedure, ...] = ()
    named: str | None = None


def resolve(ask: Ask, catalogue: Catalogue) -> Resolved:
    """Return what ``ask`` means: its entity first, then its words, then the talk's procedure."""
    named = ask.first("procedure")
    if named:
        if exact := catalogue.find(named):
            return Resolved(exact)
        found = _decide(catalogue.search(named))
        if found.procedure or not ask.text:
            return found if found != Resolved() else Resolved(named=named)
        wider = _decide(catalogue.search(ask.text))
        if wider.procedure or (wider.choices and not found.choices):
            return wider
        return found if found.choices else Resolved(named=named)
    found = _decide(catalogue.search(ask.text))
    if found != Resolved():
        return found
    current = catalogue.find(ask.context.get("procedure", ""))
    return Resolved(current)


def _decide(matches: Sequence[Match]) -> Resolved:
    """Return the clear winner, or the few that come close, or nothing."""
    likely = [match for match in matches if match.score >= POSSIBLE]
    if not likely:
        return Resolved()
    best = likely[0]
    if best.score >= CONFIDENT:  # the search itself keeps close rivals below this
        return Resolved(best.procedure)
    if len(likely) == 1:
        return Resolved(choices=(best.procedure,))
    near = [match for match in likely if best.score - match.score <= 0.25]
    return Resolved(choices=tuple(match.procedure for match in near[:_MOST_CHOICES]))
