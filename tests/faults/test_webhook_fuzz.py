"""Twenty thousand bodies nobody should send: always 200, nothing of them in the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.adapters.webhook_fuzz import calls, check, fuzzed_desk


@pytest.mark.slow
def test_twenty_thousand_strange_calls_are_answered(tmp_path: Path) -> None:
    with fuzzed_desk(tmp_path) as (client, listening):

        @settings(
            max_examples=20_000,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(calls)
        def post(call: tuple[dict[str, str], bytes]) -> None:
            check(client, listening, call)

        post()
