"""Replaces one account's access token: ``python -m bot.renewal ACCOUNT``, started by workers.

It is a process of its own so that a worker may be killed at any moment without taking the only
copy of a new token pair with it. Reads the refused access token from its input.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import sys

from bot.channels.zalo.accounts import Account
from bot.channels.zalo.apart import tell
from bot.core.errors import SendError
from bot.settings import Settings
from bot.store import open_store
from bot.wiring.channels import build_zalo_tokens, zalo_accounts
from bot.wiring.desk import token_keys


def main() -> int:
    """Renew and tell how it went; signals wait until the new pair is kept."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("bot").setLevel(logging.INFO)
    settings = Settings.from_env()
    store = open_store(settings.store_url, token_keys(settings))
    problem = None
    try:
        tokens = build_zalo_tokens(settings, store, _account(settings), apart=False)
        tokens.renew(sys.stdin.read())
    except SendError as error:
        problem = error
    finally:
        store.close()
    with contextlib.suppress(BrokenPipeError):  # nobody waits any more: the pair is kept
        print(tell(problem), flush=True)  # noqa: T201 - the answer on the pipe
    return 0


def _account(settings: Settings) -> Account:
    """Return the account named on the command line."""
    accounts = {account.oa_id: account for account in zalo_accounts(settings)}
    return accounts[sys.argv[1]]


if __name__ == "__main__":
    sys.exit(main())
