"""The operational store: everything the desk must not forget, behind one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from bot.core.notices.hours import Hours
from bot.core.work.rate import Pool
from bot.core.work.windows import Windows
from bot.store.announcements import Announcements
from bot.store.articles import Articles
from bot.store.audiences import Lists
from bot.store.audit import Audit
from bot.store.broadcasts import Broadcasts
from bot.store.citizens import Citizens
from bot.store.database import Database
from bot.store.deliveries import Deliveries
from bot.store.digests import Digests
from bot.store.documents import Documents
from bot.store.drafts import Drafts
from bot.store.echoes import Echoes
from bot.store.files import Files
from bot.store.follows import Follows
from bot.store.forecasts import Forecasts
from bot.store.hooks import Hooks
from bot.store.journal import Journal
from bot.store.lookups import Lookups
from bot.store.notices import Notices
from bot.store.pauses import Pauses
from bot.store.people import People
from bot.store.privacy import Privacy
from bot.store.processes import Processes
from bot.store.proofs import Proofs
from bot.store.rates import Rates
from bot.store.reported import ReportedStates
from bot.store.review import Review
from bot.store.sealing import Sealer
from bot.store.slips import RevokedSlips
from bot.store.staff import StaffAccounts
from bot.store.staff_sessions import LoginAttempts, StaffSessions
from bot.store.subscriptions import Subscriptions
from bot.store.tallies import Tallies
from bot.store.timeline import Timeline
from bot.store.today import Today
from bot.store.tokens import Tokens
from bot.store.unsure import Unsure
from bot.store.uploads import Uploads
from bot.store.version import is_newest


class Store:
    """The parts of the store, one per concern. Safe to share between threads.

    Every method raises StoreUnavailable when the database cannot be reached or stays busy.
    """

    def __init__(
        self,
        db: Database,
        sealer: Sealer,
        windows: Windows,
        pools: Mapping[str, Pool],
        hours: Hours,
    ) -> None:
        self._db = db
        self.journal = Journal(db)
        self.rates = Rates(db, pools)
        self.deliveries = Deliveries(db, windows, self.rates, hours)
        self.echoes = Echoes(db)
        self.timeline = Timeline(db)
        self.citizens = Citizens(db)
        self.subscriptions = Subscriptions(db)
        self.announcements = Announcements(db)
        self.notices = Notices(db, windows, hours)
        self.digests = Digests(db, hours)
        self.lists = Lists(db)
        self.drafts = Drafts(db)
        self.forecasts = Forecasts(db, windows, hours)
        self.broadcasts = Broadcasts(db)
        self.tallies = Tallies(db)
        self.unsure = Unsure(db)
        self.articles = Articles(db)
        self.files = Files(db)
        self.documents = Documents(db)
        self.follows = Follows(db, windows)
        self.hooks = Hooks(db)
        self.reported = ReportedStates(db)
        self.lookups = Lookups(db)
        self.proofs = Proofs(db)
        self.tokens = Tokens(db, sealer)
        self.uploads = Uploads(db)
        self.pauses = Pauses(db)
        self.privacy = Privacy(db)
        self.processes = Processes(db)
        self.review = Review(db)
        self._add_staff(db, sealer)

    def _add_staff(self, db: Database, sealer: Sealer) -> None:
        self.audit = Audit(db)
        self.slips = RevokedSlips(db)
        self.staff = StaffAccounts(db, sealer)
        self.people = People(db, sealer)
        self.staff_sessions = StaffSessions(db)
        self.logins = LoginAttempts(db)
        self.today = Today(db)

    def upgrade(self) -> None:
        """Bring the tables up to date. Safe to repeat, also from two processes at once."""
        if is_newest(self._db):
            return
        # alembic takes a fifth of a second to import, and 17 MB for good
        from bot.store.upgrading import upgrade

        upgrade(self._db)

    def ping(self) -> None:
        """Return if the database answers. Raises StoreUnavailable."""
        with self._db.read() as connection:
            connection.execute(select(1))

    def close(self) -> None:
        """Close all connections."""
        self._db.close()


def open_store(
    url: str,
    token_keys: Sequence[str] = (),
    windows: Windows | None = None,
    pools: Mapping[str, Pool] | None = None,
    hours: Hours | None = None,
) -> Store:
    """Return the store at a SQLAlchemy address; call ``upgrade()`` before first use.

    Platform tokens are sealed with the first of ``token_keys`` and opened with any of them.
    ``pools`` gives the channels that have a call limit, ``hours`` when notices may arrive.
    Raises SettingsError for an address that cannot hold it.
    """
    sealer = Sealer(token_keys)
    return Store(Database(url), sealer, windows or Windows(), pools or {}, hours or Hours())
