"""The Atom feeds: what RFC 4287 asks for, read by an XML parser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.adapters.test_web_notices import publish, tie
from tests.adapters.web_parts import Parts, some_parts, web_app

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
ATOM = "{http://www.w3.org/2005/Atom}"
HOME = "https://motcua.example"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    known = some_parts(tmp_path, public_url=HOME)
    known.now = NOW
    yield known
    known.store.close()


@pytest.fixture
def client(parts: Parts) -> Any:
    return web_app(parts).test_client()


def read(client: Any, path: str = "/thong-bao.atom") -> ElementTree.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type.startswith("application/atom+xml")
    return ElementTree.fromstring(answer.data)  # noqa: S314 - our own


def entries(feed: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {str(each.findtext(f"{ATOM}title")): each for each in feed.findall(f"{ATOM}entry")}


def link(element: ElementTree.Element, rel: str) -> str | None:
    found = [each for each in element.findall(f"{ATOM}link") if each.get("rel") == rel]
    return found[0].get("href") if found else None


def moment(element: ElementTree.Element, name: str) -> datetime:
    text = str(element.findtext(f"{ATOM}{name}"))
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("topic", ["", "flood"])
def test_a_feed_has_what_every_feed_must_have(parts: Parts, client: Any, topic: str) -> None:
    made = publish(parts, url="https://longan.gov.vn/a?b=1&c=2")
    path = f"/thong-bao/{topic}.atom" if topic else "/thong-bao.atom"

    feed = read(client, path)

    assert feed.tag == f"{ATOM}feed"
    assert link(feed, "self") == feed.findtext(f"{ATOM}id") == HOME + path
    assert link(feed, "alternate") == HOME + path.removesuffix(".atom")
    assert moment(feed, "updated") == made.published_at
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == link(entry, "alternate") == f"{HOME}/n/{made.code}"
    assert link(entry, "via") == "https://longan.gov.vn/a?b=1&c=2"
    assert moment(entry, "published") == moment(entry, "updated") == made.published_at
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Đài Khí tượng"
    category = entry.find(f"{ATOM}category")
    assert category is not None
    assert (category.get("term"), category.get("label")) == ("flood", "Thiên tai")
    assert f"Mã tin: {made.code}" in str(entry.findtext(f"{ATOM}content"))


def test_an_empty_feed_is_a_feed(client: Any) -> None:
    assert moment(read(client), "updated")


def test_a_feed_of_a_topic_holds_nothing_else(parts: Parts, client: Any) -> None:
    publish(parts, title="Lũ")
    publish(parts, title="Chuyện khác", topic="other")

    assert set(entries(read(client, "/thong-bao/flood.atom"))) == {"Lũ"}
    assert set(entries(read(client))) == {"Lũ", "Chuyện khác"}
    assert client.get("/thong-bao/x.atom").status_code == 404


@pytest.mark.parametrize("text", ["<b>&amp;\"'</b>", "]]><script>", "a\x00\x0b\x1f\ufffeb", "𝄞 ẵ"])
def test_whatever_a_notice_says_the_feed_can_be_read(parts: Parts, client: Any, text: str) -> None:
    publish(parts, title=text, body=text, issuer=text, number=text)

    (title,) = entries(read(client))

    assert title == "".join(letter for letter in text if letter not in "\x00\x0b\x1f\ufffe")


def test_what_was_corrected_is_updated_and_leads_to_the_correction(
    parts: Parts, client: Any
) -> None:
    wrong, right = publish(parts, title="Sai"), publish(parts, title="Đúng")
    before = entries(read(client))["Sai"]
    tie(parts, wrong, right)

    feed = read(client)
    after = entries(feed)["[Đã đính chính] Sai"]

    assert moment(before, "updated") == wrong.published_at
    assert moment(after, "updated") == moment(feed, "updated") == NOW
    assert moment(after, "published") == wrong.published_at
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert link(after, "related") == f"{HOME}/n/{right.code}"
    assert "đã được đính chính" in str(after.findtext(f"{ATOM}content"))
    assert "[Đính chính] Đúng" in entries(feed)


def test_what_is_not_published_yet_is_not_in_the_feed(parts: Parts, client: Any) -> None:
    publish(parts, now=NOW + timedelta(hours=1))

    assert entries(read(client)) == {}


def test_a_reader_that_has_the_feed_gets_nothing_until_it_changes(
    parts: Parts, client: Any
) -> None:
    publish(parts)
    first = client.get("/thong-bao.atom")
    asked = {"If-None-Match": first.headers["ETag"]}
    since = {"If-Modified-Since": first.headers["Last-Modified"]}

    assert client.get("/thong-bao.atom", headers=asked).status_code == 304
    assert client.get("/thong-bao.atom", headers=since).status_code == 304

    publish(parts, title="Mới", now=NOW)

    assert client.get("/thong-bao.atom", headers=asked).status_code == 200
    assert client.get("/thong-bao.atom", headers=since).status_code == 200
