"""The console with its pages of notices, and the forms people send there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.console.notice_parts import NoticeParts
from bot.console.notices import add_notices
from bot.core.notices.checks import Words
from bot.core.notices.draft import Draft
from bot.core.notices.forecast import Circumstances
from bot.core.notices.words import NoticeWords
from bot.core.offices.directory import Area
from bot.wiring.desk import read_words
from bot.wording import TemplateWording
from tests.adapters.console_parts import Browser, Console
from tests.adapters.web_parts import OneTopic

LISTS = read_words("notices/checks")
FILLED = {
    "title": "Mưa lớn ở xã Một chiều nay",
    "body": "Bà con kê cao đồ đạc.",
    "issuer": "Đài Khí tượng",
    "number": "12/TB",
    "document_date": "22/11/2026",
    "hotline": "114",
    "urgency": "urgent",
    "topic": "flood",
}
FINGERPRINT = re.compile(r'name="fingerprint" value="(\w+)"')


class OnePlace:
    """An old commune that is part of a new one."""

    def find_areas(self, text: str) -> list[Area]:
        known = {
            "xã Cũ": ("xa-cu", ("xa-mot",)),
            "xa-mot": ("xa-mot", ()),
            "xã Một": ("xa-mot", ()),
        }
        return [
            Area(slug, f"xã {slug[3:]}", "commune", became)
            for name, (slug, became) in known.items()
            if name in text
        ]

    def successors(self, area: Area) -> list[Area]:
        return [Area(slug, slug, "commune") for slug in area.became] or [area]


class Pages(Console):
    """The console with its pages of notices."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        words = NoticeWords(TemplateWording(), OneTopic(), lambda announcement_id: "tin trước")
        checks = Words.from_lists(LISTS, {"flood": ("mưa",)}, lambda text: "xã một" in text)
        add_notices(
            self.app,
            NoticeParts(
                store=self.store,
                words=words,
                checks=lambda: checks,
                messages=LISTS["messages"],
                refusals=read_words("notices/refusals"),
                topics=OneTopic(),
                directory=OnePlace(),  # type: ignore[arg-type]  # offices are not asked for
                channels=("web", "zalo"),
                around=Circumstances(),
                issuer="Tỉnh thử",
            ),
        )

    def draft(self) -> Draft:
        return self.store.drafts.page()[0]


def path(draft: Draft, act: str = "") -> str:
    return f"/console/notices/{draft.id}" + (f"/{act}" if act else "")


def do(browser: Browser, draft: Draft, act: str, **fields: str) -> Any:
    """Send the form of an act as it stands on the notice's page."""
    page = browser.get(path(draft)).text
    mark = FINGERPRINT.search(page)
    given = {"seen": str(draft.version), "fingerprint": mark[1] if mark else "", **fields}
    return browser.submit(path(draft), path(draft, act), **given)


def written(console: Pages, browser: Browser, **changes: str) -> Draft:
    answer = browser.submit(
        "/console/notices/new", "/console/notices/new", **{**FILLED, **changes}
    )
    assert answer.status_code == 303, answer.text
    return console.draft()


def submitted(console: Pages, browser: Browser, **changes: str) -> Draft:
    assert do(browser, written(console, browser, **changes), "submit").status_code == 303
    return console.draft()
