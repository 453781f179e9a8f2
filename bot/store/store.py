"""The operational store: everything the desk must not forget, behind one object."""

from __future__ import annotations

from sqlalchemy import select

from bot.store.announcements import Announcements
from bot.store.audit import Audit
from bot.store.citizens import Citizens
from bot.store.database import Database
from bot.store.deliveries import Deliveries
from bot.store.journal import Journal
from bot.store.notices import Notices
from bot.store.privacy import Privacy
from bot.store.processes import Processes
from bot.store.subscriptions import Subscriptions
from bot.store.timeline import Timeline
from bot.store.tokens import Tokens


class Store:
    """The parts of the store, one per concern. Safe to share between threads.

    Every method raises StoreUnavailable when the database cannot be reached or stays busy.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.journal = Journal(db)
        self.deliveries = Deliveries(db)
        self.timeline = Timeline(db)
        self.citizens = Citizens(db)
        self.subscriptions = Subscriptions(db)
        self.announcements = Announcements(db)
        self.notices = Notices(db)
        self.tokens = Tokens(db)
        self.audit = Audit(db)
        self.privacy = Privacy(db)
        self.processes = Processes(db)

    def upgrade(self) -> None:
        """Bring the tables up to date. Safe to repeat, also from two processes at once."""
        # alembic takes a fifth of a second to import; only this needs it
        from bot.store.upgrading import upgrade

        upgrade(self._db)

    def ping(self) -> None:
        """Return if the database answers. Raises StoreUnavailable."""
        with self._db.read() as connection:
            connection.execute(select(1))

    def close(self) -> None:
        """Close all connections."""
        self._db.close()


def open_store(url: str) -> Store:
    """Return the store at a SQLAlchemy address; call ``upgrade()`` before first use.

    Raises SettingsError for an address that cannot hold it.
    """
    return Store(Database(url))
