"""The web chat API: sessions, messages and the stream. See ``docs/chat-api.md``."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.core.messages import Citizen, Inbound, InboundKind
from bot.web.addresses import client_address
from bot.web.counters import counters
from bot.web.errors import ApiError
from bot.web.hints import HINTS, Hints
from bot.web.incoming import Posted, read_message
from bot.web.parts import Received, parts
from bot.web.sessions import CHANNEL, current_citizen, open_session, set_cookie
from bot.web.streaming import event_stream
from bot.web.talk import as_json
from bot.web.waiting import SEATS, Seats, wait_until

blueprint = Blueprint("chat", __name__, url_prefix="/chat/api")
_LONGEST_WAIT = 20.0  # seconds
_PAGE = 200  # messages in one answer
_LAST_ID = 2**53


@blueprint.post("/sessions")
def post_session() -> tuple[Response, int]:
    """Open a session."""
    token = open_session()
    response = jsonify({"session": token})
    set_cookie(response, token)
    return response, 201


@blueprint.post("/messages")
def post_message() -> tuple[Response, int]:
    """Keep a message; with ``?wait=`` answer with the bot's messages once there are any."""
    citizen = current_citizen()
    seconds = _wait_seconds(request.args.get("wait"))
    received = _keep(citizen, read_message(request))
    answer: dict[str, Any] = {"id": str(received.seq)}
    if seconds and _settled_within(received.inbound_id, seconds):
        entries = parts().store.timeline.reply_of(received.inbound_id)
        replies = [entry for entry in entries if entry.sender != "citizen"]
        return jsonify({**answer, "messages": as_json(replies, parts())}), 200
    return jsonify(answer), 202


@blueprint.get("/messages")
def get_messages() -> Response:
    """Return up to 200 messages after ``?after=``; ask again with the last id for more."""
    citizen = current_citizen()
    after = message_id(request.args.get("after"))
    entries = parts().store.timeline.messages(citizen.id, after, _PAGE)
    return jsonify({"messages": as_json(entries, parts())})


@blueprint.get("/stream")
def get_stream() -> Response:
    """Send messages as they come, until the stream ends or the page goes away."""
    citizen = current_citizen()
    after = message_id(request.headers.get("Last-Event-ID") or request.args.get("after"))
    seats = _seats()
    stream = seats.open_stream(citizen.id)
    if stream is None:
        raise ApiError(503, "stream_full", retry_after=15)
    counters().streams.set(seats.open_streams())
    response = Response(event_stream(parts(), stream, after), mimetype="text/event-stream")
    response.call_on_close(lambda: seats.close_stream(stream))
    response.headers["X-Accel-Buffering"] = "no"  # a proxy must pass each event on at once
    return response


def message_id(text: str | None) -> int:
    """Return a message id as a number, 0 when none is given. Raises ApiError 400."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) < _LAST_ID):
        raise ApiError(400, "bad_id")
    return int(text)


def _seats() -> Seats:
    seats: Seats = current_app.extensions[SEATS]
    return seats


def _wait_seconds(text: str | None) -> float:
    if not text:
        return 0.0
    try:
        seconds = float(text)
    except ValueError as error:
        raise ApiError(400, "bad_wait") from error
    if not 0 <= seconds <= _LONGEST_WAIT:  # also refuses "nan"
        raise ApiError(400, "bad_wait")
    return seconds


def _keep(citizen: Citizen, posted: Posted) -> Received:
    known = parts()
    now = known.clock()
    kind = InboundKind.TEXT if posted.picture is None else InboundKind.IMAGE
    inbound = Inbound(
        channel=CHANNEL,
        message_id=_message_key(citizen.external_id, posted.client_id),
        sender_id=citizen.external_id,
        kind=kind,
        sent_at=now,
        text=posted.text,
        picture=posted.picture,
        origin=known.origin_of(client_address(request), now),
    )
    received = known.store.journal.receive([inbound], now)[0]
    known.waker.notify("worker")
    _seats().wake(citizen.id)
    if not received.duplicate:
        counters().messages.labels(kind.value).inc()
    return received


def _message_key(session: str, client_id: str) -> str:
    """Return a key of fixed length, unique per session and the client's own id."""
    return hashlib.sha256(f"{session} {client_id}".encode()).hexdigest()


def _settled_within(inbound_id: int, seconds: float) -> bool:
    journal = parts().store.journal
    hints: Hints = current_app.extensions[HINTS]
    with _seats().waiting() as seated, hints.expecting(inbound_id) as rest:
        patience = seconds if seated else 0.0
        return wait_until(lambda: journal.is_settled(inbound_id), patience, rest=rest)
