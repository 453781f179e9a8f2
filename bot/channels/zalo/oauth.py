"""The consent page: how an administrator grants the app access to the account.

https://developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

CONSENT_PATH = "/v4/oa/permission"
_CODE = re.compile(r"[A-Za-z0-9_.~-]{8,}")


class BadRedirect(Exception):
    """What was pasted holds no usable code; the message says what to do."""


def new_verifier() -> str:
    """Return 43 characters only we know; the token service asks for them with the code."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """Return the mark of a verifier that may be shown.

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def consent_url(oauth_url: str, app_id: str, callback: str, verifier: str, state: str) -> str:
    """Return the address an administrator of the account opens."""
    query = {
        "app_id": app_id,
        "redirect_uri": callback,
        "code_challenge": challenge(verifier),
        "state": state,
    }
    return f"{oauth_url.rstrip('/')}{CONSENT_PATH}?{urlencode(query)}"


def code_from(pasted: str, state: str, oa_id: str) -> str:
    """Return the code in a pasted address, or the pasted code itself. Raises BadRedirect."""
    pasted = pasted.strip().strip("'\"")
    if _CODE.fullmatch(pasted):
        return pasted
    found = {name: values[0] for name, values in parse_qs(urlsplit(pasted).query).items()}
    problem = found.get("error_code") or found.get("error")
    if problem:
        raise BadRedirect(f"Zalo refused with {problem}; see docs/how-to/connect-a-zalo-oa.md")
    if not found.get("code"):
        raise BadRedirect("There is no code in it: paste the whole address the browser ended at")
    if "state" in found and not secrets.compare_digest(found["state"].encode(), state.encode()):
        raise BadRedirect("It belongs to another attempt: open the address shown here")
    if found.get("oa_id", oa_id) != oa_id:
        raise BadRedirect("Access was granted to another account than MOTCUA_ZALO_OA_ID names")
    return found["code"]
