"""Two thousand hostile pictures; ``python -m tests.benchmarks.hostile_photos`` reads 10,000."""

from __future__ import annotations

import pytest

from bot.qr.helper import MEMORY
from tests.benchmarks.hostile_photos import run


@pytest.mark.slow
def test_two_thousand_hostile_pictures_are_survived() -> None:
    outcome = run(range(2_000))

    assert outcome.faults == []
    assert outcome.peak <= MEMORY
    assert set(outcome.answers) <= {
        "read", "nothing read", "PhotoTooLarge", "PhotoWrongType", "PhotoUnavailable",
    }  # fmt: skip
