"""The official account's article on a notice's page: who may have it, for what, and its doubts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.console.notice_parts import EXTENSION
from bot.core.notices.approval import Hand
from bot.core.notices.articles import ArticleState, Verdict
from bot.core.notices.draft import Draft
from bot.core.staff.roles import Role
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import Pages, do, path, submitted, written
from tests.adapters.test_console_sending import people
from tests.contract.notice_builders import step


def with_picture(console: Pages, draft: Draft) -> Draft:
    """The draft with a picture, by its author."""
    author = console.store.staff.by_id(draft.author_id)
    assert author
    notice = replace(draft.notice, picture_digest="a" * 64)
    now = console.now
    return console.store.drafts.edit(draft.id, Hand.of(author.staff), notice, draft.version, now)


@pytest.fixture
def illustrated(console: Pages, lan: Browser, minh: Browser) -> Draft:
    """Approved, with a picture, on a desk whose account can publish."""
    known = console.app.extensions[EXTENSION]
    console.app.extensions[EXTENSION] = replace(known, articles=True)
    draft = with_picture(console, written(console, lan))
    assert do(lan, draft, "submit").status_code == 303
    assert do(minh, console.draft(), "approve").status_code == 303
    return console.draft()


def test_an_approver_has_the_article_published(
    console: Pages, lan: Browser, minh: Browser, illustrated: Draft
) -> None:
    assert "kể cả người đã nhắn DỪNG" in minh.get(path(illustrated)).text
    mark = {"fingerprint": illustrated.fingerprint}

    assert do(minh, illustrated, "article", **mark).status_code == 422  # the box is not ticked
    assert console.store.articles.find(illustrated.id) is None
    assert do(minh, illustrated, "article", **mark, understood="1").status_code == 303

    kept = console.store.articles.find(illustrated.id)
    assert kept
    assert kept.state is ArticleState.WANTED
    page = minh.get(path(illustrated)).text
    assert "Chờ tạo bài" in page
    assert "Tôi hiểu và chịu trách nhiệm" not in page
    assert do(minh, illustrated, "article", **mark, understood="1").status_code == 409


def test_nobody_publishes_their_own_work(console: Pages, lan: Browser, illustrated: Draft) -> None:
    staff = console.store.staff.by_id(illustrated.author_id)
    assert staff
    both = console.logged_in("both", [Role.AUTHOR, Role.APPROVER])
    draft = with_picture(console, written(console, both))
    do(lan, draft, "submit")
    draft = console.draft()
    tam = console.logged_in("tam", [Role.APPROVER])
    do(tam, draft, "approve")
    fields = {"fingerprint": draft.fingerprint, "understood": "1"}

    assert do(both, console.draft(), "article", **fields).status_code == 403
    assert do(lan, console.draft(), "article", **fields).status_code == 403
    assert console.store.articles.find(draft.id) is None
    assert "Cần một người duyệt khác" in both.get(path(draft)).text


def test_what_cannot_be_published_says_why(console: Pages, lan: Browser, minh: Browser) -> None:
    draft = submitted(console, lan)
    do(minh, draft, "approve")
    assert "địa chỉ https công khai" in minh.get(path(draft)).text
    fields = {"fingerprint": draft.fingerprint, "understood": "1"}
    assert do(minh, console.draft(), "article", **fields).status_code == 409

    known = console.app.extensions[EXTENSION]
    console.app.extensions[EXTENSION] = replace(known, articles=True)
    assert "thông báo cần có ảnh" in minh.get(path(draft)).text
    assert do(minh, console.draft(), "article", **fields).status_code == 409
    assert console.store.articles.find(draft.id) is None


def test_an_article_in_doubt_is_decided_by_an_approver(
    console: Pages, lan: Browser, minh: Browser, illustrated: Draft
) -> None:
    articles = console.store.articles
    fields = {"fingerprint": illustrated.fingerprint, "understood": "1"}
    do(minh, illustrated, "article", **fields)
    people(console, 1)
    do(minh, console.draft(), "schedule")
    step(console.store, console.now)
    job = articles.claim(console.now, timedelta(minutes=1), console.now)
    assert job
    articles.unsure(job, "timeout", console.now)

    assert "Hệ thống không tự" not in minh.get(path(illustrated)).text  # that is for broadcasts
    assert "mở trang quản lý Zalo OA" in minh.get(path(illustrated)).text
    assert do(minh, illustrated, "article/verdict", verdict="?").status_code == 400
    assert do(lan, illustrated, "article/verdict", verdict="again").status_code == 403
    answer = do(minh, illustrated, "article/verdict", verdict=Verdict.AGAIN.value)
    assert answer.status_code == 303
    kept = articles.find(illustrated.id)
    assert kept
    assert kept.state is ArticleState.WANTED
    assert console.store.audit.verify() is None
