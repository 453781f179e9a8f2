"""What the pages of notices share: who acts, on which notice, and how an answer is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.exceptions import NotFound

from bot.console.notice_parts import Display, notice_parts
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.sessions import me
from bot.core.messages import Reply
from bot.core.notices.approval import Hand
from bot.core.notices.checks import OPENING, Finding, check
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Notice, tidy
from bot.core.notices.states import NoticeRefused

LARGEST = 2**63 - 1
_STATUS = {"role": 403, "own_work": 403, "unknown": 404}


@dataclass(frozen=True)
class Shown:
    """How one channel shows a notice.

    ``letters`` of ``most`` (0: as many as one likes), ``buttons`` of ``most_buttons`` (None: as
    many as one likes; 0: the channel has none, links are lines of the text).
    """

    channel: str
    bubbles: tuple[Reply, ...]
    letters: int
    most: int = 0
    most_buttons: int | None = None

    @property
    def buttons(self) -> int:
        """Return how many buttons there are."""
        return sum(len(bubble.buttons) for bubble in self.bubbles)

    @property
    def fits(self) -> bool:
        """Whether it is one message."""
        return len(self.bubbles) == 1


def hand() -> Hand:
    """Return who acts: from the session alone."""
    return Hand.of(me())


def seen() -> int:
    """Return the version that stood on the page."""
    return request.form.get("seen", type=int) or 0


def reason_given() -> str:
    """Return the reason of the form, in letters a store takes."""
    return tidy(request.form.get("reason", ""))


def found(draft_id: int) -> Draft:
    """Return a notice, or end with 404."""
    draft = notice_parts().store.drafts.find(draft_id) if 0 < draft_id <= LARGEST else None
    if draft is None:
        raise NotFound
    return draft


def answer(
    work: Callable[[], Draft],
    said: str,
    page: Callable[[str], str],
    target: str = "console_notices.show",
) -> Any:
    """Do ``work`` and go on to its notice, or show the page again with why it was refused."""
    try:
        draft = work()
    except NoticeRefused as error:
        sentence = notice_parts().refusals.get(error.code, notice_words()["refused"])
        return page(sentence), _STATUS.get(error.code, 409)
    return redirect(url_for(target, draft_id=draft.id, said=said), 303)


def place_name(slug: str) -> str:
    """Return what staff call a place."""
    named = notice_parts().directory.find_areas(slug)
    return next((area.name for area in named if area.slug == slug), slug)


def findings(notice: Notice) -> tuple[Finding, ...]:
    """Return what the checks say, for every channel it goes to."""
    known, now = notice_parts(), parts().clock()
    channels = notice.audience.channels or known.channels
    return check(notice, known.checks(), known.words.lengths(notice, channels, now), now)


def shown(notice: Notice, code: str = "") -> tuple[Shown, ...]:
    """Return what citizens see of a notice on each channel it goes to."""
    known, now = notice_parts(), parts().clock()
    channels = notice.audience.channels or known.channels
    message = known.words.preview(notice, now, *([code] if code else []))
    lengths = known.words.lengths(notice, channels, now)
    return tuple(_shown(name, message, lengths[name]) for name in channels)


def _shown(channel: str, message: Reply, letters: int) -> Shown:
    display = notice_parts().displays.get(channel, Display())
    bubbles, limits = display.fit(message), display.limits
    letters = max(letters, sum(len(bubble.text) for bubble in bubbles))
    if limits is None:
        return Shown(channel, bubbles, letters)
    return Shown(channel, bubbles, letters, limits.text, limits.buttons if limits.payload else 0)


def remarks(notice: Notice | None) -> list[dict[str, Any]]:
    """Return the findings in words."""
    messages = notice_parts().messages
    return [
        {
            "blocks": finding.blocks,
            "text": messages[finding.code].format(opening=OPENING, **_shown_data(finding)),
        }
        for finding in (findings(notice) if notice else ())
    ]


def _shown_data(finding: Finding) -> dict[str, Any]:
    """Return what fills the sentence of a finding, channels by the names staff know."""
    data, names = dict(finding.data), notice_words()["channels"]
    if "channel" in data:
        data["channel"] = names.get(data["channel"], data["channel"])
    return data
