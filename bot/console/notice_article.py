"""The official account's article of a notice: wanted by an approver who had no hand in it."""

from __future__ import annotations

from typing import Any

from bot.console.notice_parts import notice_parts
from bot.console.sending_words import article_in_words, sending_words
from bot.console.sessions import me
from bot.core.notices.articles import (
    WANTED_IN,
    ArticleState,
    KeptArticle,
    Step,
    Verdict,
    check_fit,
)
from bot.core.notices.draft import Draft
from bot.core.notices.states import NoticeRefused
from bot.core.staff.roles import Role


def article_of(draft: Draft, own: bool) -> dict[str, Any] | None:
    """Return what the section of the notice's page needs; None: there is nothing to show."""
    kept = notice_parts().store.articles.find(draft.id)
    if kept is None and draft.state not in WANTED_IN:
        return None
    said = sending_words()["article"]
    again = kept is None or kept.state is ArticleState.REFUSED
    against = _against(draft, own) if again else ""
    return {
        "kept": kept,
        "chip": said["states"][kept.state.value] if kept else None,
        "text": article_in_words(kept) if kept else "",
        "may_want": again and not against and draft.state in WANTED_IN,
        "against": against,
        "verdicts": _verdicts(kept) if kept and _may_decide(own) else [],
        "say": said,
    }


def _may_decide(own: bool) -> bool:
    return Role.APPROVER in me().roles and not own


def _verdicts(kept: KeptArticle) -> list[str]:
    if kept.state is not ArticleState.UNSURE:
        return []
    found = [each.value for each in Verdict]
    return found if kept.step is Step.BROADCAST else found[1:]


def _against(draft: Draft, own: bool) -> str:
    """Return in words why this person cannot have an article of this notice."""
    said = sending_words()["article"]
    if not notice_parts().articles:
        return str(said["unavailable"])
    try:
        check_fit(draft.notice)
    except NoticeRefused as error:
        return str(said["fit"].get(error.code, ""))
    if Role.APPROVER not in me().roles:
        return str(said["fit"]["role"])
    return str(said["fit"]["own_work"]) if own else ""
