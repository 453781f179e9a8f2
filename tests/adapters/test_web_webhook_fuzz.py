"""A thousand bodies nobody should send: answered 200, kept or not, and never in the log."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.adapters.webhook_fuzz import calls, check, fuzzed_desk


def test_a_thousand_strange_calls_are_answered(tmp_path: Path) -> None:
    with fuzzed_desk(tmp_path) as (client, listening):

        @settings(
            max_examples=1_000,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(calls)
        def post(call: tuple[dict[str, str], bytes]) -> None:
            check(client, listening, call)

        post()
