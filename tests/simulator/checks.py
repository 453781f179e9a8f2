"""Is this a consultation message the platform would take, whoever it is for?"""

from __future__ import annotations

from typing import Any

from tests.simulator.call import Call
from tests.simulator.rules import Refusal, Rulebook
from tests.simulator.rules.message import SHAPE_RULES

_STRICT = Rulebook()


def problem_with(body: Any) -> Refusal | None:
    """Return the code and message of the first thing wrong with a request body, or None."""
    return _STRICT.first_broken(SHAPE_RULES, Call.of_body(body))
