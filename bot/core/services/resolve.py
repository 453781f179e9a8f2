"""Which procedure a citizen means: named now, or still in talk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.desk import Ask
from bot.core.dossiers.recognise import recognise
from bot.core.services.catalogue import Catalogue, Match, Procedure
from bot.core.vietnamese import fold_tokens

CONFIDENT = 0.75  # one procedure is answered straight away
POSSIBLE = 0.45  # below this a match is not worth offering
_WORTH_ASKING = 0.55  # "is it this one?" about a single match
_CLEARLY_AHEAD = 0.1  # what the words lead by when a name inside them says the same
_NEW_MATTER = 0.9  # what a follow-up without a known name must reach to change the matter
_MOST_CHOICES = 4

# Folded: whether a paper is needed, or whether one can do without it, asks about a paper of the
# procedure in talk, not about the procedure that makes this paper.
_NO = "(?:khong|ko|k|hong|hok|hk|kg|hem|chua)"
_PAPER_ASKED = re.compile(
    rf"(?:(?:vay|the|roi|con|ma) )*(?:(?:co )?(?:can|phai)(?: co)? .+ {_NO}(?: .{{1,8}})?"
    rf"|{_NO} co .+ (?:duoc|dc) ?.*)"
)
# A question about tax right after a procedure asks what that one costs.
_TAX = re.compile(r"\b(?:tiền )?thu[eế]\b", re.IGNORECASE)
_FOLLOW_UPS = ("ask_requirements", "ask_fee", "ask_duration", "ask_where")


@dataclass(frozen=True)
class Resolved:
    """The procedure meant, or the ``choices`` to offer, or neither.

    ``named`` is what the citizen called it, when nothing in the catalogue fits.
    """

    procedure: Procedure | None = None
    choices: tuple[Procedure, ...] = ()
    named: str | None = None


def resolve(ask: Ask, catalogue: Catalogue) -> Resolved:
    """Return what ``ask`` means: all its words first, then the name in them, then the talk."""
    named = ask.first("procedure")
    if named and (exact := catalogue.find(named)):
        return Resolved(exact)
    current = catalogue.find(ask.context.get("procedure", ""))
    if current and _asks_about_a_paper(ask):
        return Resolved(current)
    if not ask.text:
        return _by_name(named, catalogue) if named else Resolved(current)
    found = _by_words(ask, named, current, catalogue)
    if found != Resolved():
        return found
    return _by_name(named, catalogue) if named else Resolved(current)


def _by_words(
    ask: Ask, named: str | None, current: Procedure | None, catalogue: Catalogue
) -> Resolved:
    """Return what the whole text means; an absent matter is named, never swapped for another."""
    codes = recognise(ask.text).procedures
    if codes and not catalogue.find(codes[0]):
        return Resolved(named=codes[0])
    follows = bool(current) and not named and ask.intent in _FOLLOW_UPS
    text = _TAX.sub(" ", ask.text) if follows and ask.intent == "ask_fee" else ask.text
    matches = catalogue.search(text)
    if follows and matches and matches[0].score < _NEW_MATTER:
        return Resolved()
    found = _decide(matches)
    if found.choices and named and _agree(matches, catalogue.search(named)):
        return Resolved(matches[0].procedure)
    if found == Resolved() and (absent := catalogue.absent(text)):
        return Resolved(named=named if named and catalogue.absent(named) else absent)
    return found


def _by_name(named: str, catalogue: Catalogue) -> Resolved:
    found = _decide(catalogue.search(named))
    return found if found != Resolved() else Resolved(named=named)


def _asks_about_a_paper(ask: Ask) -> bool:
    words = " ".join(fold_tokens(ask.text))
    return ask.intent in _FOLLOW_UPS and bool(_PAPER_ASKED.fullmatch(words))


def _agree(matches: Sequence[Match], of_name: Sequence[Match]) -> bool:
    """Whether the leader of the words is clearly ahead and the name in them means the same."""
    if not of_name or of_name[0].score < CONFIDENT:
        return False
    behind = matches[1].score if len(matches) > 1 else 0.0
    same = of_name[0].procedure.code == matches[0].procedure.code
    return same and matches[0].score - behind >= _CLEARLY_AHEAD


def _decide(matches: Sequence[Match]) -> Resolved:
    """Return the clear winner, or the few that come close, or nothing."""
    likely = [match for match in matches if match.score >= POSSIBLE]
    if not likely:
        return Resolved()
    best = likely[0]
    if best.score >= CONFIDENT:  # the search itself keeps close rivals below this
        return Resolved(best.procedure)
    if len(likely) == 1:
        alone = best.score >= _WORTH_ASKING
        return Resolved(choices=(best.procedure,)) if alone else Resolved()
    near = [match for match in likely if best.score - match.score <= 0.25]
    return Resolved(choices=tuple(match.procedure for match in near[:_MOST_CHOICES]))
