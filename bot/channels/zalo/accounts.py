"""The official accounts of one app: their ids and secrets, and what their channels are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.channels.zalo.events import NAME
from bot.core.errors import SettingsError

_MORE = "MOTCUA_ZALO_ACCOUNTS"
_FORM = f"{_MORE} must hold words of the form id:secret or id:secret:refresh_token"


@dataclass(frozen=True)
class Account:
    """One official account; ``channel`` is the name all its data is kept under.

    ``refresh_token`` may start an account that has no pair of tokens yet.
    """

    oa_id: str
    oa_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    channel: str = NAME


def all_accounts(first: Account, more: str) -> tuple[Account, ...]:
    """Return ``first`` and the accounts named in ``more``, words of ``id:secret[:refresh_token]``.

    The first keeps the plain channel name, so what it has stays valid when others join; the
    others carry their id in the name, so their order does not matter.
    Raises SettingsError, which never quotes a secret.
    """
    accounts = (first, *_read(more))
    ids = [account.oa_id for account in accounts]
    twice = sorted({oa_id for oa_id in ids if ids.count(oa_id) > 1})
    if twice:
        raise SettingsError(
            f"{_MORE} names {', '.join(twice)} twice, or it is the account of MOTCUA_ZALO_OA_ID: "
            "name each account once"
        )
    return accounts


def _read(more: str) -> Iterator[Account]:
    for number, word in enumerate(more.split(), start=1):
        oa_id, *keys = word.split(":")
        if not oa_id.isdecimal() or not oa_id.isascii():
            raise SettingsError(f"{_FORM}: word {number} does not begin with an account's id")
        if len(keys) not in (1, 2) or not all(keys):
            raise SettingsError(f"{_FORM}: correct the word of account {oa_id}")
        yield Account(oa_id, keys[0], "".join(keys[1:]), f"{NAME}-{oa_id}")
