"""Was this webhook call signed with the account's secret?

https://developers.zalo.me/docs/official-account/webhook/tong-quan
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "x-zevent-signature"
TIMESTAMP_HEADER = "x-zevent-timestamp"


def signature(first: str, body: bytes, timestamp: str, secret: str) -> str:
    """Return the 64 hex digits Zalo sends: a plain SHA-256, not an HMAC.

    ``timestamp`` is the text as it stands in the body; ``body`` the exact bytes received.

    >>> signature("1", b"{}", "2", "s")[:8]
    'b4f82c45'
    """
    parts = (first.encode(), body, timestamp.encode(), secret.encode())
    return hashlib.sha256(b"".join(parts)).hexdigest()


def matches(given: str, expected: str) -> bool:
    """Compare in constant time; the ``mac=`` in front is optional."""
    bare = given.strip().removeprefix("mac=")
    # compare_digest refuses text outside ASCII, which a stranger may well send.
    return hmac.compare_digest(bare.encode("utf-8", "replace"), expected.encode())
