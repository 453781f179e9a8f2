"""What a citizen says about following dossiers, and what the desk answers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, AnswerFunction, Ask, Wording
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.statuses import status_of
from bot.core.follow.follow import CONSENT, MOST, Follow, Follows, is_over
from bot.core.follow.snapshot import as_json
from bot.core.messages import Reply
from bot.core.vietnamese import fold

ALL = "all"
# Folded: what says that dossiers are asked about where topics might be.
_OF_DOSSIERS = re.compile(r"\bho so\b")


class FollowAnswers:
    """Following, listing, muting and ending, one citizen's own only."""

    def __init__(
        self, follows: Follows, dossiers: DossierAnswers, wording: Wording, zone: tzinfo
    ) -> None:
        self._follows = follows
        self._dossiers = dossiers
        self._wording = wording
        self._zone = zone

    def follow(self, ask: Ask) -> Answer:
        """Answer ``follow_dossier``: at once where consent is on file, else ask for it once."""
        codes = self._dossiers.codes_in(ask)
        followed = self._follows.of(ask.citizen_id)
        if not codes:
            if self._dossiers.other_number(ask):
                return self._dossiers.lookup(ask)
            return self._say("which_code", count=len(followed))
        if known := _of(followed, codes[0]):
            return self._about(known.code, "already", muted=known.muted)
        dossier = self._dossiers.find(codes[0], ask)
        if dossier is None:  # unknown, its source silent, too many tried: the look-up says which
            return self._dossiers.lookup(ask)
        return self._follow_found(dossier, followed, ask)

    def _follow_found(self, dossier: Dossier, followed: Sequence[Follow], ask: Ask) -> Answer:
        if known := _of(followed, DossierCode(dossier.code)):  # named by its receipt number
            return self._about(known.code, "already", muted=known.muted)
        if is_over(dossier):
            return self._about(dossier.code, "over", **self._dossiers.facts(dossier, ask.now))
        if len(followed) >= MOST:
            return self._about(dossier.code, "full", count=len(followed))
        agreed = any(each.consent == CONSENT for each in followed)
        if ask.first("confirmed") != "yes" and not agreed:
            return self._ask_consent(dossier)
        return replace(self._about(dossier.code, "followed"), effects=(_following(dossier),))

    def unfollow(self, ask: Ask) -> Answer:
        """Answer ``unfollow_dossier``: the one named or just told about, all, or ask which."""
        followed = self._follows.of(ask.citizen_id)
        if not followed:
            return self._say("none")
        if ask.first("dossier_code") == ALL:
            effect = {"effect": "unfollow_dossier", "code": None}
            said = self._say("unfollowed_all", count=len(followed))
            return replace(said, effects=(effect,))
        if self._dossiers.names_code(ask):
            code = self._dossiers.codes_in(ask)[0]
            meant = _of(followed, code)
            if meant is None:
                return self._say("not_followed", code=code.value, count=len(followed))
        else:
            meant = self._meant(followed, ask)
        if meant is None:
            return self._offer("which_unfollow", "unfollow_dossier", followed)
        effect = {"effect": "unfollow_dossier", "code": meant.code}
        return replace(
            self._about(meant.code, "unfollowed", count=len(followed) - 1), effects=(effect,)
        )

    def mute(self, ask: Ask) -> Answer:
        """Answer the button that keeps a dossier on the list and its messages away."""
        return self._muted(ask, muted=True)

    def unmute(self, ask: Ask) -> Answer:
        """Answer the button that lets messages come again."""
        return self._muted(ask, muted=False)

    def mine(self, ask: Ask) -> Answer:
        """Answer ``my_dossiers``: the list with the last known states, or one of it."""
        followed = self._follows.of(ask.citizen_id)
        if not followed:
            return self._say("none")
        named = self._dossiers.names_code(ask)
        one = _of(followed, self._dossiers.codes_in(ask)[0]) if named else None
        if one is None and len(followed) > 1:
            return self._offer("list", "my_dossiers", followed)
        return self._card(one or followed[0], ask, len(followed))

    def beside(self, answer: AnswerFunction) -> AnswerFunction:
        """Return ``answer`` after what is said of followed dossiers; alone where those are meant.

        "Which dossiers do I follow?" is no question about topics.
        """

        def mine(ask: Ask) -> Answer:
            if _OF_DOSSIERS.search(fold(ask.text)):
                return self.mine(ask)
            said, codes = answer(ask), self._follows.codes_of(ask.citizen_id)
            first = self._wording.replies("follow/also", codes=codes) if codes else ()
            return replace(said, replies=(*first, *said.replies))

        return mine

    def ended_by(self, answer: AnswerFunction) -> AnswerFunction:
        """Return ``answer``, a STOP, with a last bubble on the follows it ends, if any."""

        def stop(ask: Ask) -> Answer:
            said = answer(ask)
            ends = any(effect["effect"] == "stop" for effect in said.effects)
            codes = self._follows.codes_of(ask.citizen_id) if ends else ()
            more = self._wording.replies("follow/stopped", codes=codes) if codes else ()
            return replace(said, replies=(*said.replies, *more))

        return stop

    def unless_told(self, answer: AnswerFunction) -> AnswerFunction:
        """Return ``answer``, but "no more messages" right after ours about a dossier ends that."""

        def unsubscribe(ask: Ask) -> Answer:
            unnamed = ask.text and not ask.every("topic")
            code = self._follows.just_told(ask.citizen_id) if unnamed else None
            if code is None:
                return answer(ask)
            return self.unfollow(replace(ask, context={**ask.context, "dossier_code": code}))

        return unsubscribe

    def _ask_consent(self, dossier: Dossier) -> Answer:
        confirmed = write_payload("follow_dossier", dossier_code=dossier.code, confirmed="yes")
        asked = self._about(dossier.code, "consent")
        return replace(asked, context={**asked.context, "pending": confirmed})

    def _meant(self, followed: Sequence[Follow], ask: Ask) -> Follow | None:
        """Return the follow that is in talk, was just told about, or is the only one."""
        if ask.every("dossier_code") or self._dossiers.other_number(ask):
            return None  # "?" asks for the list; a miswritten code means none of them
        in_talk = ask.context.get("dossier_code") or self._follows.just_told(ask.citizen_id)
        if in_talk and (found := _of(followed, DossierCode(in_talk))):
            return found
        return followed[0] if len(followed) == 1 else None

    def _muted(self, ask: Ask, *, muted: bool) -> Answer:
        followed = self._follows.of(ask.citizen_id)
        codes = self._dossiers.codes_in(ask)
        meant = _of(followed, codes[0]) if codes else None
        if meant is None and codes and followed:
            return self._say("not_followed", code=codes[0].value, count=len(followed))
        if meant is None:
            return self.mine(ask)
        effect = {"effect": "mute_dossier", "code": meant.code, "muted": muted}
        facts = self._dossiers.facts(meant.known, ask.now)
        said = self._about(meant.code, "muted" if muted else "unmuted", **facts)
        return replace(said, effects=(effect,))

    def _card(self, follow: Follow, ask: Ask, count: int) -> Answer:
        return self._about(
            follow.code,
            "card",
            count=count,
            muted=follow.muted,
            since=follow.since.astimezone(self._zone).date(),
            until=follow.ends_at.astimezone(self._zone).date() if follow.ends_at else None,
            **self._dossiers.facts(follow.known, ask.now),
        )

    def _offer(self, name: str, intent: str, followed: Sequence[Follow]) -> Answer:
        payloads = [write_payload(intent, dossier_code=each.code) for each in followed]
        replies = self._wording.replies(f"follow/{name}", lines=[_line(each) for each in followed])
        return Answer(replies, {"choices": json.dumps(payloads)})

    def _about(self, code: str, name: str, **data: Any) -> Answer:
        replies = self._wording.replies(f"follow/{name}", code=code, **data)
        return Answer(_marked(replies, code), {"dossier_code": code})

    def _say(self, name: str, **data: Any) -> Answer:
        return Answer(self._wording.replies(f"follow/{name}", **data))


def _of(followed: Sequence[Follow], code: DossierCode) -> Follow | None:
    return next((each for each in followed if each.key == code.key), None)


def _marked(replies: Sequence[Reply], code: str) -> tuple[Reply, ...]:
    return tuple(reply.with_meta(dossier_code=code) for reply in replies)


def _line(follow: Follow) -> dict[str, Any]:
    status = status_of(follow.known.status)
    return {
        "code": follow.code,
        "dossier": follow.known,
        "status": status,
        "stage": status.stage.value,
        "muted": follow.muted,
    }


def _following(dossier: Dossier) -> dict[str, Any]:
    return {
        "effect": "follow_dossier",
        "code": dossier.code,
        "consent": CONSENT,
        "known": as_json(dossier),
    }
