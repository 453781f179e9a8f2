"""The webhook of an app: one address for all its accounts, each with a secret of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.channels import envelope
from bot.channels.zalo import events, signature
from bot.channels.zalo.accounts import Account
from bot.core.channel import Webhook

log = logging.getLogger(__name__)


class Inbox:
    """Verifies and parses what comes for ``accounts``; the first of them may have an empty id.

    Then it takes the events of every account linked to the app.
    """

    def __init__(self, app_id: str, accounts: Sequence[Account]) -> None:
        self._app_id = app_id
        self._accounts = tuple(accounts)
        self._by_id = {account.oa_id: account for account in accounts}

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Verify and parse one webhook call; never raises for what a stranger may send.

        Every answer is 200: the platform shows another status as "webhook down" and switches
        events off, and the unsigned ``{}`` it tests an address with must be welcome.
        An account we have no secret of cannot be verified: its events are ignored.
        """
        given = {name.lower(): value for name, value in headers.items()}
        try:
            data = envelope.read_body(body)
            if not data and not given.get(signature.HEADER):
                return Webhook(200, "check")
            account = self._signer(given, body, data)
        except envelope.Malformed as error:
            return Webhook(200, "malformed", reason=error.reason)
        if account is not None:
            return events.read(body, account.oa_id, now, account.channel)
        if given.get(signature.HEADER) and self._is_of_another(data):
            return Webhook(200, "ignored", reason="unknown_account")
        return Webhook(200, "bad_signature")

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Parse a call that was verified at ``now``; the spool brings it back later."""
        try:
            account = self._named(envelope.read_body(body)) or self._accounts[0]
        except envelope.Malformed as error:
            return Webhook(200, "malformed", reason=error.reason)
        return events.read(body, account.oa_id, now, account.channel)

    def _named(self, data: Mapping[str, Any]) -> Account | None:
        """Return the account of ours the event is about, if it names one."""
        return self._by_id.get(events.account_of(data))

    def _is_of_another(self, data: Mapping[str, Any]) -> bool:
        """Whether an event of our app is about an account that is not ours."""
        named = events.account_of(data)
        return bool(named) and named not in self._by_id and self._is_of_app(data)

    def _is_of_app(self, data: Mapping[str, Any]) -> bool:
        return envelope.text(data, "app_id") == self._app_id

    def _signer(
        self, headers: Mapping[str, str], body: bytes, data: Mapping[str, Any]
    ) -> Account | None:
        """Return the account whose secret signed the call; a named one must have done it itself.

        An event that names no account of ours may be signed by any of them.
        """
        given = headers.get(signature.HEADER, "")
        if not given or not self._is_of_app(data):
            return None
        stamp = envelope.text(data, "timestamp") or headers.get(signature.TIMESTAMP_HEADER, "")
        named = self._named(data)
        for account in (named,) if named else self._accounts:
            expected = signature.signature(self._app_id, body, stamp, account.oa_secret)
            if account.oa_secret and signature.matches(given, expected):
                return account
        self._note_other_order(named or self._accounts[0], given, body, stamp)
        return None

    def _note_other_order(self, account: Account, given: str, body: bytes, stamp: str) -> None:
        # Some reports put the account's id first; say so if that is ever what arrives.
        other = signature.signature(account.oa_id, body, stamp, account.oa_secret)
        if account.oa_id and signature.matches(given, other):
            log.error("event=zalo_signature_order first=oa_id accepted=no")
