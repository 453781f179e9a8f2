"""Token renewal in a process of its own, which lives on when the worker is killed.

The worker writes the refused access token to its input and reads one line of JSON: nothing, or
why there is no new pair. The pair itself goes into the store, never through the pipe.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.errors import SendError, SendLater, SendNeedsPerson

PATIENCE = 35.0  # seconds: starting, waiting for another renewal, one call; under a row's lease


class RenewalApart:
    """Runs ``command`` with ``environ``; callable as ``ZaloTokens`` wants it."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], patience: float = PATIENCE
    ) -> None:
        self._command = list(command)
        self._environ = dict(environ)
        self._patience = patience

    def __call__(self, refused: str) -> None:
        """Let the other process replace ``refused``. Raises SendNeedsPerson or SendLater.

        It is given up after ``patience`` seconds, but not killed: it may hold the only copy of a
        new pair. Nothing that ends this process, its group or its terminal reaches it.
        """
        renewal = subprocess.Popen(  # noqa: S603 - our own command
            self._command,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            told, _ = renewal.communicate(refused.encode(), timeout=self._patience)
        except subprocess.TimeoutExpired as error:
            raise SendLater("token renewal takes too long", "renewal_slow") from error
        if renewal.returncode:
            raise SendLater("token renewal broke", f"renewal_exit_{renewal.returncode}")
        _raise_told(told)


def tell(error: SendError | None) -> str:
    """Return the line the other process writes for how it ended."""
    if error is None:
        return "{}"
    advice = error.advice if isinstance(error, SendNeedsPerson) else None
    return json.dumps({"reason": error.reason, "code": error.code, "advice": advice})


def _raise_told(told: bytes) -> None:
    try:
        problem: dict[str, Any] = json.loads(told)
    except ValueError as error:
        raise SendLater("token renewal said nothing", "renewal_mute") from error
    if not problem:
        return
    if problem["advice"] is not None:
        raise SendNeedsPerson(problem["reason"], problem["code"], problem["advice"])
    raise SendLater(problem["reason"], problem["code"])
