"""The official account's article that carries a notice to everybody who follows the account.

The platform sends it to all followers and asks nobody, so it is a publication of its own: an
approver who had no hand in the notice wants it, for one text, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum

from bot.core.notices.hours import Hours
from bot.core.notices.notice import Notice
from bot.core.notices.states import NoticeRefused, State

TITLE, AUTHOR, DESCRIPTION = 150, 50, 300  # letters the platform takes
BROADCAST_HOURS = Hours(quiet_from=time(22), quiet_until=time(6))  # the platform's own, UTC+7
WANTED_IN = (State.APPROVED, State.PLANNED, State.SENDING, State.PAUSED, State.DONE)
WAITS_IN = (State.APPROVED, State.PLANNED, State.PAUSED)  # a paused notice may be wrong
GOES_IN = (State.SENDING, State.DONE)


class ArticleState(str, Enum):
    """How far an article is."""

    WANTED = "wanted"
    CREATED = "created"  # the platform works on it
    READY = "ready"  # it has an id and may be broadcast
    BROADCAST = "broadcast"
    UNSURE = "unsure"  # the answer to ``Step`` was lost: a person must look
    REFUSED = "refused"


class Step(str, Enum):
    """The call that is made next in a state."""

    CREATE = "create"
    VERIFY = "verify"
    BROADCAST = "broadcast"


STEPS = {
    ArticleState.WANTED: Step.CREATE,
    ArticleState.CREATED: Step.VERIFY,
    ArticleState.READY: Step.BROADCAST,
}


class Verdict(str, Enum):
    """What a person found about an article in doubt."""

    DONE = "done"  # the call was carried out
    AGAIN = "again"  # it was not: make it once more
    DROP = "drop"  # leave it


@dataclass(frozen=True)
class Article:
    """What the platform is given. ``cover_url`` is a public address of the picture."""

    title: str
    author: str
    description: str
    cover_url: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """One call to make. ``attempt`` names whose it is: a late answer of another counts nothing."""

    draft_id: int
    code: str
    step: Step
    attempt: int
    notice: Notice
    token: str = ""
    article_id: str = ""


@dataclass(frozen=True)
class KeptArticle:
    """An article as the store keeps it. ``code`` says why it waits or was refused."""

    draft_id: int
    state: ArticleState
    step: Step
    code: str
    article_id: str
    wanted_at: datetime
    changed_at: datetime
    due_at: datetime | None
    under_way: bool
    attempts: int


def check_fit(notice: Notice) -> None:
    """Raise NoticeRefused unless everybody may read the notice and it has a picture.

    What is meant for a few must not be told to all.
    """
    audience = notice.audience
    few = bool(audience.uploaded or audience.dossier_states or audience.corrects is not None)
    elsewhere = audience.channels and not any(
        name.startswith("zalo") for name in audience.channels
    )
    if few or elsewhere:
        raise NoticeRefused("audience_narrow")
    if not notice.picture_digest:
        raise NoticeRefused("picture_missing")


def article_of(notice: Notice, text: str, cover_url: str) -> Article:
    """Return the article for a notice whose message reads ``text``; what is too long is cut."""
    paragraphs = tuple(part.strip() for part in text.split("\n") if part.strip())
    return Article(
        title=cut(notice.title, TITLE),
        author=cut(notice.issuer, AUTHOR),
        description=cut(" ".join(notice.body.split()), DESCRIPTION),
        cover_url=cover_url,
        paragraphs=paragraphs,
    )


def cut(text: str, most: int) -> str:
    """Return at most ``most`` letters, cut between words where there is a space.

    >>> cut("kê cao đồ đạc", 9), cut("kê cao", 9)
    ('kê cao…', 'kê cao')
    """
    if len(text) <= most:
        return text
    whole = text[:most].rpartition(" ")[0] or text[: most - 1]
    return f"{whole.rstrip()}…"
