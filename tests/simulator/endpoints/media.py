"""What citizens sent, at addresses that end."""

from __future__ import annotations

from flask import Blueprint, Response, request

from tests.simulator.endpoints.endpoint import simulator

routes = Blueprint("media", __name__)

SEEN_FROM_THE_PAGE = "page"
TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
STICKER = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c63f8ffff3f0005fe02fea7358199"
    "0000000049454e44ae426082"
)


@routes.get("/media/<name>")
def media(name: str) -> Response:
    """Serve a picture; 404 if there never was one, 403 once its time is over."""
    zalo = simulator()
    if SEEN_FROM_THE_PAGE in request.args:
        return _picture(name)
    fault = zalo.faults.take("media")
    return zalo.faults.suffer(fault, lambda: _picture(name))


def _picture(name: str) -> Response:
    world = simulator().world
    if name == "sticker.png":
        return Response(STICKER, mimetype="image/png")
    content, ending, ends_at = world.media.kept.get(name, (b"", "", 0.0))
    if not content:
        status = 404
    else:
        status = 200 if world.clock.now() < ends_at else 403
    if SEEN_FROM_THE_PAGE not in request.args:
        world.recording.note("in", method="GET", path=f"/media/{name}", status=status)
    if status != 200:
        return Response(status=status)
    return Response(content, mimetype=TYPES.get(ending, "application/octet-stream"))
