"""Public pages of notices: what they show, what is never shown, and what a browser may keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.core.announcements.announcement import Announcement
from bot.core.notices.notice import Audience, Notice
from bot.core.notices.words import announced
from bot.store.schema import announcements
from tests.adapters.web_parts import PNG, Parts, some_parts, web_app
from tests.contract.notice_builders import a_notice, hand, planned, render, step

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
PDF = b"%PDF-1.7\n%only for tests"
ATTACK = '"><script>alert(1)</script>'


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    known = some_parts(tmp_path, public_url="https://motcua.example")
    known.now = NOW
    yield known
    known.store.close()


@pytest.fixture
def client(parts: Parts) -> Any:
    return web_app(parts).test_client()


def publish(parts: Parts, **changes: Any) -> Announcement:
    values: dict[str, Any] = {
        "topic": "flood",
        "title": "Mưa lớn chiều nay",
        "body": "Bà con kê cao đồ đạc.\nKhông ra sông.",
        "issuer": "Đài Khí tượng",
        "now": NOW - timedelta(hours=1),
        **changes,
    }
    return parts.store.announcements.publish(**values)


def sent(parts: Parts, notice: Notice, now: datetime = NOW) -> Announcement:
    """Approved in the console and begun."""
    draft = planned(parts.store, notice, now)
    made = parts.store.broadcasts.start(draft.id, render, now)
    assert made
    return made


def with_files(parts: Parts, **changes: Any) -> Announcement:
    files = parts.store.files
    return sent(
        parts,
        a_notice(
            topic="flood",
            picture_digest=files.keep(PNG, "image/png", "mưa.png", None, NOW),
            attachment_digest=files.keep(PDF, "application/pdf", "x.pdf", None, NOW),
            attachment_name="Công văn 12.pdf",
            document_date="20/11/2026",
            hotline="0272 3 888 999 hoặc 114",
            url="https://longan.gov.vn/12",
            **changes,
        ),
    )


def test_a_notice_has_a_page_with_everything_it_says(parts: Parts, client: Any) -> None:
    made = with_files(parts, area="phuong-long-an", expires_at=NOW + timedelta(days=1))

    answer = client.get(f"/n/{made.code}")

    assert answer.status_code == 200
    for words in (
        made.title,
        made.body,
        "Đài Khí tượng",
        "12/TB, ngày 20/11/2026",
        "Thiên tai",
        "10:00, 24/11/2026",
        "10:00, 25/11/2026",
        str(made.code),
    ):
        assert words in answer.text
    for target in (
        'href="https://longan.gov.vn/12"',
        'href="tel:02723888999"',
        f'src="/n/{made.code}/anh"',
        f'href="/n/{made.code}/van-ban"',
        f'property="og:image" content="https://motcua.example/n/{made.code}/anh"',
        f'property="og:url" content="https://motcua.example/n/{made.code}"',
    ):
        assert target in answer.text
    assert 'role="alert"' not in answer.text


def test_every_published_notice_has_a_page_whichever_way_it_came(
    parts: Parts, client: Any
) -> None:
    by_command = publish(parts)
    row = {"source_id": "s1", "topic": "flood", "title": "t", "body": "b", "issuer": "i"}
    parts.store.announcements.seed([{**row, "published_at": NOW}])
    first = {each.title: each.code for each in parts.store.announcements.recent()}
    parts.store.announcements.seed([{**row, "published_at": NOW, "title": "khác"}])
    again = {each.title: each.code for each in parts.store.announcements.recent()}

    assert first["t"] == again["khác"]  # the page stays where it is
    for code in (by_command.code, again["khác"]):
        assert client.get(f"/n/{code}").status_code == 200


def test_a_page_names_the_places_it_is_about_and_never_more(parts: Parts, client: Any) -> None:
    audience = Audience(topics=("outage",), areas=("phuong-long-an", "xa-ben-luc"))
    several = sent(parts, replace(a_notice(), audience=audience))
    everywhere = publish(parts)

    page = client.get(f"/n/{several.code}").get_data(as_text=True)
    assert "<dt>Nơi liên quan</dt><dd>phường Long An</dd>" in page  # the other is in no register
    assert "Toàn tỉnh" not in page
    assert "Nơi liên quan" not in client.get(f"/n/{everywhere.code}").get_data(as_text=True)


def test_a_code_in_small_letters_leads_to_the_page(parts: Parts, client: Any) -> None:
    made = publish(parts)

    answer = client.get(f"/n/{made.code.lower()}")

    assert (answer.status_code, answer.headers["Location"]) == (301, f"/n/{made.code}")


def test_an_unknown_code_says_what_to_do(client: Any) -> None:
    answer = client.get("/n/ACDEFGH")

    assert answer.status_code == 404
    assert "Không có thông báo nào đã đăng mang mã này" in answer.text
    assert "0272 000 1022" in answer.text
    assert 'href="/thong-bao"' in answer.text


@pytest.mark.parametrize("ending", ["", "/anh", "/van-ban"])
def test_nothing_that_is_not_published_can_be_seen(parts: Parts, client: Any, ending: str) -> None:
    digest = parts.store.files.keep(PNG, "image/png", "a.png", None, NOW)
    paper = parts.store.files.keep(PDF, "application/pdf", "a.pdf", None, NOW)
    written = planned(parts.store, a_notice(picture_digest=digest, attachment_digest=paper), NOW)
    later = publish(parts, now=NOW + timedelta(hours=1))

    assert client.get(f"/n/{written.code}{ending}").status_code == 404
    assert client.get(f"/n/{later.code}{ending}").status_code == 404
    assert client.get(f"/n/{digest}{ending}").status_code == 404


def test_a_corrected_notice_and_its_correction_lead_to_each_other(
    parts: Parts, client: Any
) -> None:
    wrong = sent(parts, a_notice(topic="flood"))
    right = sent(parts, a_notice(topic="flood", title="Mưa lớn sáng mai"))
    tie(parts, wrong, right)

    old, new = client.get(f"/n/{wrong.code}"), client.get(f"/n/{right.code}")

    assert "Thông báo này đã được đính chính" in old.text
    assert f'href="/n/{right.code}"' in old.text
    assert 'content="noindex"' in old.text
    assert f'Bản này đính chính thông báo <a href="/n/{wrong.code}"' in new.text
    assert "đã được đính chính" not in new.text


def tie(parts: Parts, wrong: Announcement, right: Announcement) -> None:
    with parts.store.announcements._db.write() as connection:
        for own, values in (
            (wrong.id, {"corrected_by": right.id, "changed_at": NOW}),
            (right.id, {"corrects": wrong.id}),
        ):
            row = announcements.update().where(announcements.c.id == own)
            connection.execute(row.values(**values))


def test_a_notice_given_up_while_it_was_sent_says_so(parts: Parts, client: Any) -> None:
    made = sent(parts, a_notice(topic="flood"))
    lan = hand(parts.store, "lan")
    (draft,) = parts.store.drafts.page()
    parts.store.broadcasts.pause(draft.id, lan, "lỗi", NOW)
    paused = client.get(f"/n/{made.code}").text
    parts.store.broadcasts.cancel(draft.id, lan, "bí mật nội bộ", NOW + timedelta(minutes=5))

    withdrawn = client.get(f"/n/{made.code}").text

    assert "rút lại" not in paused
    assert "Thông báo này đã được rút lại" in withdrawn
    assert "10:05, 24/11/2026" in withdrawn
    assert "bí mật nội bộ" not in withdrawn
    assert "Đã rút lại" in client.get("/thong-bao").text


def test_an_expired_notice_stays_and_says_so(parts: Parts, client: Any) -> None:
    made = publish(parts, expires_at=NOW - timedelta(minutes=1))
    current = publish(parts, title="Còn hiệu lực", expires_at=NOW + timedelta(minutes=1))

    assert "Thông báo này đã hết hiệu lực" in client.get(f"/n/{made.code}").text
    assert "hết hiệu lực" not in client.get(f"/n/{current.code}").text
    assert client.get("/thong-bao").text.count("Hết hiệu lực") == 1


def test_files_are_sent_as_what_they_are_and_kept_for_long(parts: Parts, client: Any) -> None:
    made = with_files(parts)

    picture = client.get(f"/n/{made.code}/anh")
    paper = client.get(f"/n/{made.code}/van-ban")

    assert (picture.data, picture.content_type) == (PNG, "image/png")
    assert (paper.data, paper.content_type) == (PDF, "application/pdf")
    assert paper.headers["Content-Disposition"].startswith("attachment;")
    assert "C%C3%B4ng%20v%C4%83n%2012.pdf" in paper.headers["Content-Disposition"]
    for answer in (picture, paper):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert int(re.findall(r"max-age=(\d+)", answer.headers["Cache-Control"])[0]) >= 86400
        again = client.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("ending", ["anh", "van-ban"])
def test_a_file_of_another_kind_is_not_sent(parts: Parts, client: Any, ending: str) -> None:
    page = parts.store.files.keep(b"<script>", "text/html", "a.html", None, NOW)
    made = sent(parts, a_notice(picture_digest=page, attachment_digest=page))
    bare = publish(parts)

    assert client.get(f"/n/{made.code}/{ending}").status_code == 404
    assert client.get(f"/n/{bare.code}/{ending}").status_code == 404


def test_a_files_name_cannot_write_headers(parts: Parts, client: Any) -> None:
    digest = parts.store.files.keep(PDF, "application/pdf", "x.pdf", None, NOW)
    name = 'a".pdf\r\nSet-Cookie: x=1'  # kept as it was given
    made = sent(parts, a_notice(attachment_digest=digest, attachment_name=name))

    answer = client.get(f"/n/{made.code}/van-ban")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_the_list_comes_newest_first_by_topic_and_in_pages(parts: Parts, client: Any) -> None:
    for number in range(25):
        publish(parts, title=f"Tin số {number:02}", now=NOW - timedelta(hours=25 - number))
    publish(parts, title="Chuyện khác", topic="other")

    first, second = client.get("/thong-bao/flood"), client.get("/thong-bao/flood?trang=2")

    titles = re.findall(r"Tin số \d\d", first.text)
    assert titles == [f"Tin số {number:02}" for number in range(24, 4, -1)]
    assert "Chuyện khác" not in first.text
    assert "Trang 1 / 2" in first.text
    assert 'href="/thong-bao/flood?trang=2"' in first.text
    assert re.findall(r"Tin số \d\d", second.text)[-1] == "Tin số 00"
    assert "Chuyện khác" in client.get("/thong-bao").text


@pytest.mark.parametrize(
    "path", ["/thong-bao/x", "/thong-bao?trang=9", "/thong-bao?trang=0", "/thong-bao?trang=a"]
)
def test_a_list_that_is_not_there_is_not_found(parts: Parts, client: Any, path: str) -> None:
    publish(parts)

    assert client.get(path).status_code == 404


def test_an_everyday_name_of_a_topic_leads_to_it(parts: Parts, client: Any) -> None:
    parts.topics.find = lambda text: parts.topics.all()[0]

    assert client.get("/thong-bao/bão").headers["Location"] == "/thong-bao/flood"


def test_a_list_of_a_place_holds_the_places_and_the_whole_provinces(
    parts: Parts, client: Any
) -> None:
    publish(parts, title="Ở đây", area="phuong-long-an")
    publish(parts, title="Cả tỉnh")
    publish(parts, title="Nơi khác", area="xa-khac")

    for name in ("phường Long An", "tp tân an"):
        page = client.get("/thong-bao", query_string={"noi": name}).text
        assert "Ở đây" in page
        assert "Cả tỉnh" in page
        assert "Nơi khác" not in page
    assert "TP Tân An nay thuộc phường Long An" in page


def test_a_place_nobody_knows_is_said_so(parts: Parts, client: Any) -> None:
    publish(parts, title="Nơi khác", area="xa-khac")

    page = client.get("/thong-bao", query_string={"noi": f"Atlantis {ATTACK}"}).text

    assert "Chưa biết nơi có tên “Atlantis" in page
    assert "<script" not in page
    assert "Nơi khác" in page


def test_corrected_notices_are_marked_in_the_list(parts: Parts, client: Any) -> None:
    wrong, right = publish(parts, title="Sai"), publish(parts, title="Đúng")
    before = client.get("/thong-bao").text
    tie(parts, wrong, right)

    after = client.get("/thong-bao").text

    assert "Đã đính chính" not in before
    assert after.count("Đã đính chính") == 1
    assert f'Bản đúng: <a href="/n/{right.code}">Đúng</a>' in after


@pytest.mark.parametrize("path", ["/n/{code}", "/thong-bao", "/thong-bao/flood", "/n/ACDEFGH"])
def test_no_page_needs_a_script_sets_a_cookie_or_lets_one_in(
    parts: Parts, client: Any, path: str
) -> None:
    made = publish(parts, title=ATTACK, body=ATTACK, issuer=ATTACK, number=ATTACK, hotline=ATTACK)

    answer = client.get(path.format(code=made.code))

    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "Set-Cookie" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_a_page_that_did_not_change_is_not_sent_again(parts: Parts, client: Any) -> None:
    made = publish(parts)
    for path in (f"/n/{made.code}", "/thong-bao"):
        answer = client.get(path)
        by_tag = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        since = {"If-Modified-Since": answer.headers["Last-Modified"]}

        assert "public" in answer.headers["Cache-Control"]
        assert by_tag.status_code == 304
        assert client.get(path, headers=since).status_code == 304

    tie(parts, made, publish(parts, title="Đúng", now=NOW))

    for path in (f"/n/{made.code}", "/thong-bao"):
        assert client.get(path, headers=since).status_code == 200


def test_a_page_changes_when_its_notice_expires(parts: Parts, client: Any) -> None:
    made = publish(parts, expires_at=NOW + timedelta(hours=1))
    since = {"If-Modified-Since": client.get(f"/n/{made.code}").headers["Last-Modified"]}
    parts.now = NOW + timedelta(hours=2)

    assert client.get(f"/n/{made.code}", headers=since).status_code == 200


def test_nothing_tells_who_got_a_notice(parts: Parts, client: Any) -> None:
    made = with_files(parts)
    step(parts.store, NOW)
    parts.store.citizens.open_session("web", "c" * 64, NOW)

    pages = [client.get(path).text for path in (f"/n/{made.code}", "/thong-bao")]

    for words in ("người nhận", "Đã gửi", "đã nhận", "c" * 64):
        assert not any(words in page for page in pages)


def test_the_chat_page_leads_to_the_notices(client: Any) -> None:
    page = client.get("/").text

    assert 'href="/thong-bao"' in page
    assert 'type="application/atom+xml"' in page


def test_what_is_announced_says_which_files_and_document_belong_to_it() -> None:
    notice = a_notice(
        document_date="20/11/2026",
        attachment_name="a.pdf",
        attachment_digest="a",
        picture_digest="b",
    )

    made = announced(notice, "ACDEFGH", NOW)

    assert (made.document_date, made.attachment_name) == ("20/11/2026", "a.pdf")
    assert (made.attachment_digest, made.picture_digest) == ("a", "b")
