"""The words a follower gets, by templates; who has only the code reads no more than it shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from datetime import datetime, tzinfo
from typing import Any

from bot.core.desk import Wording
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.follow.decide import Telling
from bot.core.follow.follow import Follow
from bot.core.messages import Reply

Owner = Callable[[int, DossierCode], bool]
Proved = Callable[[Collection[int], datetime], Container[int]]
Facts = Callable[[Dossier, datetime], Mapping[str, Any]]


class Notices:
    """Turns a telling into one bubble.

    ``proved`` picks from many citizens those who proved to own any dossier at all, ``owner`` tells
    whether one of them owns this one.
    """

    def __init__(
        self, wording: Wording, facts: Facts, owner: Owner, proved: Proved, zone: tzinfo
    ) -> None:
        self._wording = wording
        self._zone = zone
        self._facts = facts
        self._owner = owner
        self._proved = proved

    def is_owner(self, follow: Follow) -> bool:
        """Whether the follower has proved that the dossier is theirs."""
        return self._owner(follow.citizen_id, DossierCode(follow.code))

    def batch(self, people: Collection[int], now: datetime) -> Callable[[Telling, Follow], Reply]:
        """Return a function that words tellings to ``people``.

        One bubble serves all followers of a dossier.
        """
        proved = self._proved(people, now)
        worded: dict[Any, Reply] = {}

        def reply(telling: Telling, follow: Follow) -> Reply:
            code, citizen = DossierCode(follow.code), follow.citizen_id
            owner = citizen in proved and self._owner(citizen, code)
            same = (telling.kind, telling.before, owner, follow.known)
            if same not in worded:
                worded[same] = self._worded(telling, follow, now, owner=owner)
            return worded[same]

        return reply

    def _worded(self, telling: Telling, follow: Follow, now: datetime, *, owner: bool) -> Reply:
        changed = follow.known.changed_at
        replies = self._wording.replies(
            f"follow/{telling.kind.value}",
            code=follow.code,
            owner=owner,
            before=telling.before,
            changed_at_local=changed.astimezone(self._zone) if changed else None,
            **self._facts(follow.known, now),
        )
        return replies[0].with_meta(dossier_code=follow.code)
