"""The second factor: codes of the authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from datetime import datetime

STEP_SECONDS = 30
DRIFT = 1  # steps a phone's clock may be ahead or behind
RECOVERY_CODES = 10
_DIGITS = re.compile(r"\d{6}")
_SPACES = re.compile(r"[\s.·-]+")
# No 0, 1, 8, B, I, L, O: these codes are copied from paper.
_ALPHABET = "2345679ACDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 4, 4  # 16 letters out of 29 are 77 bits: too many to try even with the digests


def accepted_step(
    code_at: Callable[[int], str], given: str, now: datetime, last_step: int | None
) -> int | None:
    """Return the step ``given`` is the code of, or None when it is wrong or was used before.

    ``code_at`` gives the code of a step. A code of ``last_step`` or an earlier one is refused:
    who looked over a shoulder cannot use it again within its minute.

    >>> noon = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    >>> accepted_step(lambda step: f"{step % 10**6:06}", "844960", noon, None)
    59844960
    """
    written = _SPACES.sub("", given)
    if not _DIGITS.fullmatch(written) or not written.isascii():
        return None
    middle = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(middle - DRIFT, middle + DRIFT + 1):  # all of them: equal time for each
        fits = hmac.compare_digest(code_at(step), written)
        if fits and (last_step is None or step > last_step):
            found = step if found is None else found
    return found


def new_recovery_codes(choose: Callable[[str], str]) -> tuple[str, ...]:
    """Return codes like ``7KQM-2XNA-P4TT-93HC``; ``choose`` picks a letter at random."""
    return tuple(
        "-".join("".join(choose(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    )


def recovery_digest(given: str) -> str | None:
    """Return what the store knows a recovery code by, or None for what cannot be one.

    >>> recovery_digest("7kqm 2xna p4tt 93hc") == recovery_digest("7KQM-2XNA-P4TT-93HC")
    True
    >>> recovery_digest("478880")
    """
    written = _SPACES.sub("", given).upper()
    if len(written) != _GROUPS * _GROUP or not set(written) <= set(_ALPHABET):
        return None
    return hashlib.sha256(f"motcua recovery {written}".encode()).hexdigest()


def recovery_digests(codes: Iterable[str]) -> frozenset[str]:
    """Return the digests of codes of ours."""
    return frozenset(filter(None, map(recovery_digest, codes)))
