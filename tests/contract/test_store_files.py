"""Files of notices: the same bytes once, found by their digest."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone

from bot.store import Store

NOW = datetime(2026, 11, 22, 2, tzinfo=timezone.utc)


def test_the_same_bytes_are_kept_once_under_their_digest(store: Store) -> None:
    first = store.files.keep(b"%PDF-1.7 x", "application/pdf", "công văn.pdf", 7, NOW)
    again = store.files.keep(b"%PDF-1.7 x", "application/pdf", "another.pdf", 8, NOW)
    found = store.files.find(first)
    assert first == again == hashlib.sha256(b"%PDF-1.7 x").hexdigest()
    assert found
    assert (found.data, found.name, found.size) == (b"%PDF-1.7 x", "công văn.pdf", 10)


def test_an_unknown_digest_is_no_file(store: Store) -> None:
    assert store.files.find("../../etc/passwd") is None
