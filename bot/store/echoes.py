"""What left in the account's name, as the platform repeats it to us.

A person's message silences the desk for that citizen and is shown in the talk. The echo of our
own message tells the fate of a delivery whose answer was lost: by the platform's id, or because
a single such delivery of the citizen has the same words and got lost just then. Mostly it comes
while the answer is still under way: then the platform's id is noted on the row that is being
sent, and counts if the answer never comes.
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
from bot.store.gathering import IS_DIGEST
from bot.store.replies import REPLY_PRIORITY
from bot.store.schema import Utc, announcements, citizens, deliveries

STAFF = "staff"
SKEW = timedelta(minutes=2)  # between the platform's clock and ours
LOST_WITHIN = timedelta(minutes=10)  # after its echo a delivery is given up at the latest
LEASED_WITHIN = timedelta(minutes=3)  # after its echo the lease of a row being sent ends
_UNSURE, _SENDING = DeliveryState.UNSURE.value, DeliveryState.SENDING.value
_SENT = DeliveryState.SENT.value

# Built once: putting a statement together takes longer than running it.
_KNOWN = select(deliveries.c.platform_message_id, deliveries.c.state).where(
    deliveries.c.channel == bindparam("on"),
    deliveries.c.platform_message_id.in_(bindparam("ids", expanding=True)),
)


def _between(column: Any, first: str, last: str) -> Any:
    return (column >= bindparam(first, type_=Utc)) & (column <= bindparam(last, type_=Utc))


_GOT_LOST = (deliveries.c.state == _UNSURE) & _between(deliveries.c.settled_at, "since", "until")
_UNDER_WAY = (deliveries.c.state == _SENDING) & _between(
    deliveries.c.lease_until, "since", "lease_end"
)
_OPEN = (
    select(
        deliveries.c.id,
        deliveries.c.citizen_id,
        deliveries.c.state,
        deliveries.c.platform_message_id,
        deliveries.c.body,
        announcements.c.notice,
    )
    .select_from(deliveries.join(citizens).outerjoin(announcements))
    .where(
        citizens.c.channel == bindparam("on"),
        citizens.c.external_id == bindparam("person"),
        _GOT_LOST | _UNDER_WAY,
        # A notice that went as a part of a digest never was a message.
        deliveries.c.digest_id.is_(None) | IS_DIGEST,
    )
)
_OWN = deliveries.c.id == bindparam("own")
_NOTE = (
    update(deliveries)
    .where(_OWN, deliveries.c.state == _SENDING)
    .values(platform_message_id=bindparam("named"), sent_at=bindparam("moment", type_=Utc))
)
_SETTLE = (
    update(deliveries)
    .where(_OWN, deliveries.c.state.in_((_UNSURE, _SENDING)))
    .values(
        state=_SENT,
        sent_at=bindparam("moment", type_=Utc),
        settled_at=bindparam("now", type_=Utc),
        error_code=None,
        lease_owner=None,
        lease_until=None,
        platform_message_id=bindparam("named"),
        seq=bindparam("number"),
    )
)


def heard_of(connection: Any, lost: Any, now: datetime) -> int:
    """Count rows being sent that meet ``lost`` as sent if an echo told so; return how many."""
    told = select(deliveries).where(
        lost, deliveries.c.state == _SENDING, deliveries.c.platform_message_id.isnot(None)
    )
    rows = connection.execute(told.order_by(deliveries.c.citizen_id)).all()
    return sum(
        _settled(connection, row, row.platform_message_id, row.sent_at or now, now) for row in rows
    )


def _settled(connection: Any, row: Any, named: str, moment: datetime, now: datetime) -> bool:
    lock(connection, row.citizen_id)
    seq = take_seqs(connection, row.citizen_id, 1)[0]
    told = {"own": row.id, "named": named, "moment": moment, "now": now, "number": seq}
    return bool(connection.execute(_SETTLE, told).rowcount)


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
        """Settle deliveries whose answer was lost, note the rest; return how many are settled.

        Nearly every echo only repeats what the answer tells: if the answer was faster, that costs
        one look for all of them. Durable when it returns.
        """
        with self._db.read() as connection:
            known = _known(connection, channel, echoes)
            news = [echo for echo in echoes if echo.platform_message_id not in known]
            news = [echo for echo in news if _open(connection, channel, echo) is not None]
        if not news:
            return 0
        with self._db.write() as connection:
            return sum(_take_note(connection, channel, echo, now) for echo in news)


def _take_note(connection: Any, channel: str, echo: Echo, now: datetime) -> bool:
    """Settle a delivery that got lost, or write the platform's id on one that is being sent."""
    row = _open(connection, channel, echo)
    if row is None:
        return False
    if row.state == _UNSURE:
        return _settled(connection, row, echo.platform_message_id, echo.sent_at, now)
    told = {"own": row.id, "named": echo.platform_message_id, "moment": echo.sent_at}
    connection.execute(_NOTE, told)
    return False


def _known(connection: Any, channel: str, echoes: Sequence[Echo]) -> dict[str, str]:
    ids = [echo.platform_message_id for echo in echoes]
    return dict(connection.execute(_KNOWN, {"on": channel, "ids": ids}).all())


def _open(connection: Any, channel: str, echo: Echo) -> Any:
    """Return the one delivery this echo can speak of; two alike are left in doubt."""
    words = _plain(echo.text)
    if not words:
        return None
    since = echo.sent_at - SKEW
    wanted = {
        "on": channel,
        "person": echo.recipient_id,
        "since": since,
        "until": echo.sent_at + LOST_WITHIN,
        "lease_end": echo.sent_at + LEASED_WITHIN,
    }
    rows = connection.execute(_OPEN, wanted).all()
    alike = [row for row in rows if _plain(_text(row)) == words]
    alone = len(alike) == 1 and alike[0].platform_message_id is None
    return alike[0] if alone else None


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
