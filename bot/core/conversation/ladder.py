"""How sure is sure enough: answer, ask which of a few was meant, or say it was not understood.

The step with the least expected cost is taken. Costs are counted in taps: what a citizen loses
by one more tap is 1. ``docs/understanding.md`` shows what the table leads to on held-out phrases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.desk import Guess

OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"

# One more tap, and the moment to read two or three lines.
ASKING = 1.0
# To be told "not understood" by a desk that could have helped: write again in other words.
REFUSING = 4.0
# To read an answer to another question, notice it, and write again.
WRONG = 5.0
# To get another side of the right matter: the answer names it, and a button leads on.
BESIDE = 2.0
WRONG_BY_INTENT: Mapping[str, float] = {
    # Nothing is lost by a wrong courtesy but a line; asking "did you mean hello" is worse.
    **dict.fromkeys(("greet", "goodbye", "thank", "affirm", "deny"), 1.5),
    # The answer is a question itself, or says what to do in two lines.
    **dict.fromkeys(("ask_capabilities", "ask_identity", "request_human", "cancel"), 2.5),
    "verify_notice": 2.5,
    "delete_my_data": 3.0,
    OUT_OF_SCOPE: REFUSING,
    # Changes what the citizen gets from now on.
    **dict.fromkeys(("unsubscribe_topic", "subscribe_topic", "unfollow_dossier"), 7.0),
}

# Questions about one matter; to take one for another costs BESIDE.
KIN = (
    frozenset(
        (
            "find_procedure", "ask_requirements", "ask_fee", "ask_duration", "ask_where",
            "submit_dossier", "list_services",
        )
    ),
    frozenset(
        (
            "lookup_dossier", "ask_overdue", "ask_supplement", "ask_result_delivery",
            "follow_dossier",
        )
    ),
    frozenset(("ask_where", "ask_office")),
    frozenset(("report_problem", "check_report", "complain")),
    frozenset(("ask_announcements", "my_subscriptions")),
)  # fmt: skip

_COURTESIES = frozenset(("greet", "goodbye", "thank", "affirm", "deny"))
_LONGEST_COURTESY = 6  # words

_MOST_CHOICES = 3
_WORTH_SHOWING = 0.08  # a line that is right less often than this is only in the way
# Nobody is asked whether a courtesy was meant, and "none of these" is always on the list.
_NEVER_OFFERED = frozenset(
    ("greet", "goodbye", "thank", "affirm", "deny", "cancel", OUT_OF_SCOPE, FALLBACK)
)


@dataclass(frozen=True)
class Decision:
    """What to do with one text: ``choices`` are the intents to offer, none when it is clear."""

    choices: tuple[str, ...] = ()


def decide(ranking: Sequence[Guess], words: int = 0) -> Decision:
    """Return whether to answer the first guess or to ask between the likely ones.

    ``ranking`` holds calibrated confidences, best first; ``words`` is the length of the text.
    Refusing is the model's own first guess (``nlu_fallback``, ``out_of_scope``), so it is
    answered like any other.

    >>> decide((Guess("ask_fee", 0.97), Guess("pay_fee", 0.02))).choices
    ()
    >>> decide((Guess("ask_fee", 0.5), Guess("pay_fee", 0.4))).choices
    ('ask_fee', 'pay_fee')
    """
    if not ranking or ranking[0].intent == FALLBACK:
        return Decision()
    offered = [guess for guess in ranking[: _MOST_CHOICES + 2] if _is_offered(guess)]
    offered = offered[:_MOST_CHOICES]
    if not offered or cost_of_answering(ranking, words) <= cost_of_asking(ranking, offered):
        return Decision()
    return Decision(tuple(guess.intent for guess in offered))


def cost_of_answering(ranking: Sequence[Guess], words: int = 0) -> float:
    """Return the expected cost of answering the first guess, in taps."""
    first, *others = ranking
    wrong = WRONG_BY_INTENT.get(first.intent, WRONG)
    if first.intent in _COURTESIES and words > _LONGEST_COURTESY:
        wrong = WRONG  # somebody who writes that much wants something
    beside = sum(guess.confidence for guess in others if _are_kin(first.intent, guess.intent))
    return beside * min(BESIDE, wrong) + (1.0 - first.confidence - beside) * wrong


def cost_of_asking(ranking: Sequence[Guess], offered: Sequence[Guess]) -> float:
    """Return the expected cost of asking, in taps: the tap, and a refusal if none fits.

    What the desk does not serve loses nothing by being asked about and then refused.
    """
    found = sum(guess.confidence for guess in offered)
    foreign = sum(guess.confidence for guess in ranking if guess.intent == OUT_OF_SCOPE)
    return ASKING + max(0.0, 1.0 - found - foreign) * REFUSING


def _are_kin(first: str, second: str) -> bool:
    return any(first in family and second in family for family in KIN)


def _is_offered(guess: Guess) -> bool:
    return guess.intent not in _NEVER_OFFERED and guess.confidence >= _WORTH_SHOWING
