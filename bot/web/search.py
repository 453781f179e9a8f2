"""The search API: which procedure a few words mean."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from bot.web.errors import ApiError
from bot.web.parts import parts

blueprint = Blueprint("search", __name__, url_prefix="/api")
_MOST = 50
_LONGEST_QUERY = 500  # characters


@blueprint.get("/procedures")
def search_procedures() -> Response:
    """Return the procedures ``?q=`` may mean, best first."""
    query = request.args.get("q", "").replace("\x00", " ").strip()
    if len(query) > _LONGEST_QUERY:
        raise ApiError(413, "text_too_long")
    matches = parts().catalogue.search(query, limit=_limit()) if query else ()
    results = [
        {
            "code": match.procedure.code,
            "name": match.procedure.name,
            "field": match.procedure.field_name,
            "score": round(match.score, 4),
        }
        for match in matches
    ]
    return jsonify({"results": results})


def _limit() -> int:
    text = request.args.get("limit", "10")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST):
        raise ApiError(400, "bad_limit")
    return int(text)
