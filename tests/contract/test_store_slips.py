"""Revoked slips stay revoked, on each engine."""

from __future__ import annotations

from tests.contract.store_builders import NOW, later


def test_a_slip_is_revoked_once_and_for_good(store):
    assert not store.slips.is_revoked("digest-1")

    assert store.slips.revoke("digest-1", "A", "cli:lan", NOW)
    assert not store.slips.revoke("digest-1", "A", "cli:minh", later(days=1))
    store.slips.revoke("digest-2", "B", "cli:lan", NOW)

    assert store.slips.is_revoked("digest-1")
    assert not store.slips.is_revoked("digest-3")
    assert store.slips.counts() == {"A": 1, "B": 1}
