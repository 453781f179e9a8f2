"""A desk's side of the Zalo channel, joined to a simulator, for tests of sending."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from bot.channels.zalo import ZaloChannel, ZaloTokens
from bot.store import Store, open_store
from tests.simulator import Simulator

CITIZEN = "2000000000000000002"
TIMEOUTS = (2.0, 0.5)  # seconds; the second is what a hanging platform costs a test


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


def a_store(folder: Path) -> Store:
    """Return the real store in an empty file."""
    store = open_store(f"sqlite:///{folder / 'motcua.db'}", ("key-for-tests",))
    store.upgrade()
    return store


@contextmanager
def some_tokens(
    simulator: Simulator, store: Store, clock: Clock, first: str | None = None
) -> Iterator[ZaloTokens]:
    """Yield the tokens of the simulator's account."""
    account = simulator.account
    tokens = ZaloTokens(
        app_id=account.app_id,
        app_secret=account.app_secret,
        account=account.oa_id,
        oauth_url=simulator.url,
        store=store.tokens,
        clock=clock,
        first_refresh_token=account.first_refresh_token if first is None else first,
        timeouts=TIMEOUTS,
    )
    yield tokens
    tokens.close()


@contextmanager
def a_channel(simulator: Simulator, tokens: ZaloTokens, clock: Clock) -> Iterator[ZaloChannel]:
    """Yield a channel that sends to the simulator."""
    account = simulator.account
    channel = ZaloChannel(
        app_id=account.app_id,
        oa_id=account.oa_id,
        oa_secret=account.oa_secret,
        api_url=simulator.url,
        tokens=tokens,
        timeouts=TIMEOUTS,
        clock=clock,
    )
    yield channel
    channel.close()
