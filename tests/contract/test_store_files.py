"""Files of notices: the same bytes once, found by their digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from bot.store import Store
from tests.contract.notice_builders import a_notice, hand

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


def test_what_no_notice_and_no_document_names_goes_after_a_month(store: Store) -> None:
    names = ("written", "earlier version", "nobody's", "new")
    first, earlier, nobodys = (
        store.files.keep(name.encode(), "image/png", name, 1, NOW) for name in names[:3]
    )
    lan = hand(store, "lan")
    draft = store.drafts.create(lan, a_notice(picture_digest=earlier), NOW)
    changed = replace(draft.notice, attachment_digest=first, picture_digest="")
    store.drafts.edit(draft.id, lan, changed, draft.version, NOW)
    new = store.files.keep(b"new", "image/png", "new", 1, NOW + timedelta(days=2))

    store.privacy.purge(NOW + timedelta(days=29))
    assert store.files.find(nobodys)
    store.privacy.purge(NOW + timedelta(days=31))

    assert [bool(store.files.find(each)) for each in (first, earlier, nobodys, new)] == [
        True,
        True,
        False,
        True,
    ]


def test_a_file_that_is_brought_along_again_is_new_again(store: Store) -> None:
    for days in (0, 29):
        kept = store.files.keep(b"x", "image/png", "x", 1, NOW + timedelta(days=days))

    store.privacy.purge(NOW + timedelta(days=31))

    assert store.files.find(kept)
