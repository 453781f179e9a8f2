"""What left in the account's name, as the platform repeats it to us.

A person's message silences the desk for that citizen and is shown in the talk. The echo of our
own message tells the fate of a delivery whose answer was lost: by the platform's id, or because
a single such delivery of the citizen has the same words and got lost just then.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.core.channel import Echo
from bot.core.messages import DeliveryState, Reply
from bot.store.citizens import lock, lock_or_add, take_seqs
from bot.store.database import Database
from bot.store.replies import REPLY_PRIORITY
from bot.store.schema import Utc, announcements, citizens, deliveries

STAFF = "staff"
SKEW = timedelta(minutes=2)  # between the platform's clock and ours
LOST_WITHIN = timedelta(minutes=10)  # after its echo a delivery is given up at the latest
_UNSURE, _SENT = DeliveryState.UNSURE.value, DeliveryState.SENT.value

# Built once: putting a statement together takes longer than running it.
_KNOWN = select(deliveries.c.platform_message_id, deliveries.c.state).where(
    deliveries.c.channel == bindparam("on"),
    deliveries.c.platform_message_id.in_(bindparam("ids", expanding=True)),
)
_LOST = (
    select(
        deliveries.c.id,
        deliveries.c.citizen_id,
        deliveries.c.platform_message_id,
        deliveries.c.body,
        announcements.c.notice,
    )
    .select_from(deliveries.join(citizens).outerjoin(announcements))
    .where(
        citizens.c.channel == bindparam("on"),
        citizens.c.external_id == bindparam("person"),
        deliveries.c.state == _UNSURE,
        deliveries.c.settled_at >= bindparam("since", type_=Utc),
        deliveries.c.settled_at <= bindparam("until", type_=Utc),
    )
)


class Echoes:
    """Takes note of echoes; noting one twice changes nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def from_staff(self, channel: str, echo: Echo, now: datetime, silence: timedelta) -> bool:
        """Keep the desk quiet for ``silence`` from the moment a person wrote.

        Durable when it returns. False if this message was known.
        """
        until = echo.sent_at + silence
        with self._db.write() as connection:
            row = lock_or_add(self._db, connection, channel, echo.recipient_id, now)
            if _known(connection, channel, [echo]):
                return False
            if row.staff_until is None or row.staff_until < until:
                own = update(citizens).where(citizens.c.id == row.id)
                connection.execute(own.values(staff_until=until))
            said = _said(connection, row.id, channel, echo, now)
            connection.execute(deliveries.insert().values(said))
        return True

    def of_our_own(self, channel: str, echoes: Sequence[Echo], now: datetime) -> int:
        """Settle deliveries whose answer was lost; return how many.

        Call it when the fate of what was being sent is written down, a minute or two later.
        Nearly every echo only repeats what the answer told: that costs one look for all of them.
        """
        with self._db.read() as connection:
            known = _known(connection, channel, echoes)
            news = [echo for echo in echoes if known.get(echo.platform_message_id) != _SENT]
            news = [echo for echo in news if _lost(connection, channel, echo) is not None]
        return sum(self._settle(channel, echo, now) for echo in news)

    def _settle(self, channel: str, echo: Echo, now: datetime) -> bool:
        with self._db.write() as connection:
            row = _lost(connection, channel, echo)
            if row is None:
                return False
            lock(connection, row.citizen_id)
            fate = {
                "state": _SENT,
                "sent_at": echo.sent_at,
                "settled_at": now,
                "error_code": None,
                "platform_message_id": echo.platform_message_id,
                "seq": take_seqs(connection, row.citizen_id, 1)[0],
            }
            still = (deliveries.c.id == row.id) & (deliveries.c.state == _UNSURE)
            return bool(connection.execute(update(deliveries).where(still).values(fate)).rowcount)


def _known(connection: Any, channel: str, echoes: Sequence[Echo]) -> dict[str, str]:
    ids = [echo.platform_message_id for echo in echoes]
    return dict(connection.execute(_KNOWN, {"on": channel, "ids": ids}).all())


def _lost(connection: Any, channel: str, echo: Echo) -> Any:
    """Return the one lost delivery this echo speaks of; two alike are left in doubt."""
    words = _plain(echo.text)
    wanted = {
        "on": channel,
        "person": echo.recipient_id,
        "since": echo.sent_at - SKEW,
        "until": echo.sent_at + LOST_WITHIN,
    }
    rows = connection.execute(_LOST, wanted).all()
    named = [row for row in rows if row.platform_message_id == echo.platform_message_id]
    alike = named or [
        row
        for row in rows
        if row.platform_message_id is None and words and _plain(_text(row)) == words
    ]
    return alike[0] if len(alike) == 1 else None


def _text(row: Any) -> str:
    return str((row.body or row.notice or {}).get("text", ""))


def _said(
    connection: Any, citizen_id: int, channel: str, echo: Echo, now: datetime
) -> dict[str, Any]:
    """Return the row of a person's message; its words are forgotten like the rest of the talk."""
    return {
        "channel": channel,
        "citizen_id": citizen_id,
        "kind": STAFF,
        "priority": REPLY_PRIORITY,
        "body": Reply(echo.text).as_json(),
        "state": _SENT,
        "platform_message_id": echo.platform_message_id,
        "seq": take_seqs(connection, citizen_id, 1)[0],
        "created_at": echo.sent_at,
        "sent_at": echo.sent_at,
        "settled_at": now,
    }


def _plain(text: str) -> str:
    """Return the words in one form: platforms recompose marks and trim."""
    return " ".join(unicodedata.normalize("NFC", text).split())
