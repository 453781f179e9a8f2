"""The tables, once for SQLite and PostgreSQL. ``migrations/`` builds them; a test compares.

The hot queries lean on partial indexes whose condition is ``… IS [NOT] NULL``: both engines can
prove those without knowing the parameters, so ``settled_at IS NULL`` means "open" and
``due_at IS NOT NULL`` means "waiting to be sent".
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from bot.store import (  # noqa: F401 - each adds its tables
    schema_articles,
    schema_digests,
    schema_documents,
    schema_drafts,
    schema_files,
    schema_follows,
    schema_lookups,
    schema_receipts,
    schema_slips,
    schema_staff,
)
from bot.store.schema_base import NEVER_REUSED, BigId, Json, Utc, metadata
from bot.store.schema_base import partial_index as _partial

__all__ = ["Json", "Utc", "metadata"]

citizens = Table(
    "citizens",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("context", Json),
    Column("context_at", Utc),
    Column("first_interaction_at", Utc, nullable=False),
    Column("last_interaction_at", Utc),
    Column("follows", Boolean),
    Column("follows_at", Utc),
    Column("stopped_at", Utc),
    Column("human_wanted_at", Utc),
    Column("erased_at", Utc),
    Column("blocked_at", Utc),  # the platform refuses this person until they write again
    Column("blocked_code", Text),
    Column("staff_until", Utc),  # a person talks to them: the desk keeps quiet until then
    UniqueConstraint("channel", "external_id"),
    **NEVER_REUSED,
)
_partial("ix_citizens_context_at", citizens.c.context_at, where=citizens.c.context_at.isnot(None))
_partial("ix_citizens_erased", citizens.c.erased_at, where=citizens.c.erased_at.isnot(None))
_partial(
    "ix_citizens_human_wanted_at",
    citizens.c.human_wanted_at,
    where=citizens.c.human_wanted_at.isnot(None),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text),  # NULL: forgotten
    Column("media_url", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("account_id", Text),
    Column("origin", Text),  # digest of the address it came from; NULL: unknown or forgotten
    Column("state", Text, nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Utc),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("settled_at", Utc),
    Column("intent", Text),
    Column("confidence", Float),
    UniqueConstraint("channel", "message_id"),
    UniqueConstraint("citizen_id", "seq"),
    **NEVER_REUSED,
)
_open = inbound.c.settled_at.is_(None)
_partial("ix_inbound_open", inbound.c.id, where=_open)
_partial("ix_inbound_open_of_citizen", inbound.c.citizen_id, inbound.c.seq, where=_open)
_partial(
    "ix_inbound_readable",
    inbound.c.settled_at,
    where=inbound.c.text.isnot(None) & inbound.c.settled_at.isnot(None),
)

pictures = Table(
    "pictures",
    metadata,
    Column(
        "inbound_id", BigInteger, ForeignKey("inbound.id"), primary_key=True, autoincrement=False
    ),
    Column("bytes", LargeBinary, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("source_id", Text, unique=True),
    Column("topic", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("published_at", Utc, nullable=False),
    Column("area", Text),
    Column("number", Text),
    Column("url", Text),
    Column("hotline", Text),
    Column("urgent", Boolean, nullable=False),
    Column("expires_at", Utc),
    Column("demo", Boolean, nullable=False),
    Column("notice", Json),  # the Reply every recipient gets, kept once for all of them
    Column("plan_cursor", BigInteger),  # last citizen looked at; NULL: never planned
    Column("planned_at", Utc),
    Column("code", Text),  # printed in the notice
    Column("audience", Json),  # NULL: the followers of topic and area
    Column("daytime", Boolean),  # waits for the morning, within each citizen's daily share
    Column("emergency", Boolean),
    Column("held", Text),  # paused, cancelled or expired: nothing more leaves
    Column("places", Text),  # ";one;two;": about several, where area names none
    Column("unlisted", Boolean),  # meant for a few: its page is there, no list names it
    Column("corrects", BigInteger),  # the earlier notice this one puts right
    Column("corrected_by", BigInteger),
    Column("document_date", Text),
    Column("attachment_name", Text),
    Column("attachment_digest", Text),
    Column("picture_digest", Text),
    Column("changed_at", Utc),  # corrected or withdrawn
    Index("ix_announcements_published_at", "published_at"),
    Index("ix_announcements_topic_published_at", "topic", "published_at"),
    **NEVER_REUSED,
)
_partial(
    "uq_announcements_code",
    announcements.c.code,
    where=announcements.c.code.isnot(None),
    unique=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("inbound_id", BigInteger, ForeignKey("inbound.id")),
    Column("part", Integer),
    Column("announcement_id", BigInteger, ForeignKey("announcements.id")),
    Column("follow_id", BigInteger),  # of a dossier; the follow itself may be gone
    Column("telling", Text),  # which news of that dossier this is
    Column("digest", Text),  # the pace of the digest a notice waits for; NULL: goes by itself
    Column("digest_id", BigInteger),  # the digest it went with, or (no announcement) which it is
    Column("body", Json),  # NULL: forgotten, or a notice (see announcements.notice)
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Utc),  # NULL: nothing to send now or later
    Column("lease_owner", Text),
    Column("lease_until", Utc),
    Column("error_code", Text),
    Column("platform_message_id", Text),
    Column("seq", BigInteger),  # NULL: the citizen has not seen it
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Column("delivered_at", Utc),
    Column("seen_at", Utc),  # where the platform says so
    Column("settled_at", Utc),  # its fate is known (sent, failed, skipped, unsure, cancelled)
    **NEVER_REUSED,
)
_partial(
    "uq_deliveries_inbound_id_part",
    deliveries.c.inbound_id,
    deliveries.c.part,
    where=deliveries.c.inbound_id.isnot(None),
    unique=True,
)
_partial(
    "uq_deliveries_announcement_id_citizen_id",
    deliveries.c.announcement_id,
    deliveries.c.citizen_id,
    where=deliveries.c.announcement_id.isnot(None),
    unique=True,
)
_partial(
    "uq_deliveries_follow_id_telling",
    deliveries.c.follow_id,
    deliveries.c.telling,
    where=deliveries.c.follow_id.isnot(None),
    unique=True,
)
_partial(
    "ix_deliveries_due",
    deliveries.c.channel,
    deliveries.c.priority,
    deliveries.c.due_at,
    deliveries.c.id,
    where=deliveries.c.due_at.isnot(None),
)
_partial(
    "ix_deliveries_unsettled",
    deliveries.c.announcement_id,
    deliveries.c.id,
    where=deliveries.c.announcement_id.isnot(None) & deliveries.c.settled_at.is_(None),
)
_partial(
    "ix_deliveries_unsure",
    deliveries.c.announcement_id,
    deliveries.c.id,
    where=deliveries.c.state == literal_column("'unsure'"),
)
_partial(
    "ix_deliveries_gathered",
    deliveries.c.digest,
    deliveries.c.created_at,
    where=deliveries.c.digest.isnot(None)
    & deliveries.c.digest_id.is_(None)
    & deliveries.c.settled_at.is_(None),
)
_partial(
    "ix_deliveries_digest_id", deliveries.c.digest_id, where=deliveries.c.digest_id.isnot(None)
)
_partial(
    "ix_deliveries_leased", deliveries.c.lease_until, where=deliveries.c.lease_until.isnot(None)
)
_partial(
    "ix_deliveries_platform",
    deliveries.c.channel,
    deliveries.c.platform_message_id,
    where=deliveries.c.platform_message_id.isnot(None),
)
_partial(
    "ix_deliveries_readable",
    deliveries.c.settled_at,
    where=deliveries.c.body.isnot(None) & deliveries.c.settled_at.isnot(None),
)
Index("ix_deliveries_citizen_id_seq", deliveries.c.citizen_id, deliveries.c.seq)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("area", Text, nullable=False, server_default=""),  # '': the whole province
    Column("consent_at", Utc, nullable=False),
    Column("source", Text, nullable=False),  # the channel
    Column("pace", Text, nullable=False, server_default="at_once"),
    Column("consent", Text),  # version of the text agreed to; NULL: before texts had versions
    UniqueConstraint("citizen_id", "topic", "area"),
    Index("ix_subscriptions_topic_citizen_id", "topic", "citizen_id", "area"),
)
_partial(
    "ix_subscriptions_paced",
    subscriptions.c.topic,
    where=subscriptions.c.pace != literal_column("'at_once'"),
)

review = Table(
    "review",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Utc, nullable=False),  # first time; later ones are only counted
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),  # masked
    Column("guessed", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("picked", Text, nullable=False),
    Column("seen", Integer, nullable=False, server_default="1"),
    Column("citizen_id", BigInteger, ForeignKey("citizens.id")),  # NULL: nobody's any more
    Index("ix_review_text", "text"),
    Index("ix_review_at", "at"),
    **NEVER_REUSED,
)
_partial("ix_review_citizen", review.c.citizen_id, where=review.c.citizen_id.isnot(None))

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("access_token", Text, nullable=False),  # sealed, see sealing.py
    Column("refresh_token", Text, nullable=False),  # sealed
    Column("expires_at", Utc, nullable=False),
    Column("saved_at", Utc),
    Column("begun_at", Utc),  # a refresh is under way, or its process died in the middle of it
)

pauses = Table(
    "pauses",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("reach", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("person", Boolean, nullable=False),  # ends by a message that got through
    Column("since", Utc, nullable=False),
    Column("until", Utc, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    Column("name", Text, primary_key=True),
    Column("calls", Float, nullable=False),
    Column("at", Utc, nullable=False),
    Column("stated", Integer),  # calls a minute, as the platform last said
)

uploads = Table(
    "uploads",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("handle", Text, nullable=False),
    Column("expires_at", Utc, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("beat_at", Utc, nullable=False),
    Column("detail", Json, nullable=False),
)
