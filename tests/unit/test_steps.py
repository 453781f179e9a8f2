"""What the ladder makes of judged phrases."""

from __future__ import annotations

from bot.nlu.gate import Judged
from bot.nlu.steps import steps


def judged(intent: str, *ranking: tuple[str, float], understood: str = "") -> Judged:
    first = understood or ranking[0][0]
    return Judged("x", intent, "short", first, ranking[0][1], ranking)


def test_every_phrase_leads_to_one_step() -> None:
    found = steps(
        [
            judged("ask_fee", ("ask_fee", 0.97)),
            judged("ask_fee", ("ask_where", 0.97)),
            judged("ask_fee", ("pay_fee", 0.5), ("ask_fee", 0.45)),
            judged("ask_fee", ("ask_office", 0.5), ("pay_fee", 0.45)),
            judged("ask_fee", ("ask_fee", 0.1), understood="nlu_fallback"),
        ]
    )

    assert list(vars(found).values()) == [0.2, 0.2, 0.2, 0.2, 0.2, 0.0]


def test_what_is_foreign_may_be_asked_about_but_not_answered() -> None:
    found = steps(
        [
            judged("out_of_scope", ("ask_fee", 0.99)),
            judged("out_of_scope", ("ask_fee", 0.5), ("out_of_scope", 0.4)),
            judged("out_of_scope", ("out_of_scope", 0.9)),
            judged("out_of_scope", ("ask_fee", 0.1), understood="nlu_fallback"),
        ]
    )

    assert found.foreign_answered == 0.25
    assert found.answered_rightly == 0.5
