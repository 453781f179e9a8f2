"""The file by which Zalo sees that the domain is ours; without it no webhook is accepted there.

https://developers.zalo.me/docs, domain verification
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response

from bot.web.errors import ApiError
from bot.web.parts import parts

blueprint = Blueprint("verifier", __name__)
# The platform takes the file or the tag on a page; with the tag in the file both are there.
_PAGE = """<!doctype html>
<html lang="vi">
<head><meta name="zalo-platform-site-verification" content="{code}"><title>{code}</title></head>
<body>{code}</body>
</html>
"""


@blueprint.get("/zalo_verifier<code>.html")
def file(code: str) -> Response:
    """Serve the file whose code the settings name, and no other."""
    expected = parts().settings.zalo_verifier
    if not expected or not hmac.compare_digest(code.encode(), expected.encode()):
        raise ApiError(404)
    return Response(_PAGE.format(code=expected), content_type="text/html; charset=utf-8")
