"""Cutting one bubble into several when a platform cannot take it whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.core.messages import Button, Reply

FILLER = "…"  # the text of a bubble that only carries buttons

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LINE = re.compile(r"\n")
# A lower-case letter or closing bracket before the stop: "1." and "TP." do not end a sentence.
_SENTENCE = re.compile(r"(?<=[^\W\d_A-ZĐ)][.!?…])\s|(?<=\)[.!?…])\s")
_SPACE = re.compile(r"\s")
_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")


@dataclass(frozen=True)
class Limits:
    """What one bubble may hold: code points of text, title and payload, number of buttons."""

    text: int
    buttons: int
    title: int
    payload: int
    image_with_buttons: bool = False


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """Cut ``text`` into pieces of at most ``limit`` code points, NFC, never empty.

    Paragraph ends are preferred, then line ends, sentence ends and spaces.

    >>> split_text("Dạ, đủ giấy tờ rồi ạ. Mời anh/chị nộp.", 25)
    ('Dạ, đủ giấy tờ rồi ạ.', 'Mời anh/chị nộp.')
    """
    rest = unicodedata.normalize("NFC", text).strip()
    pieces = []
    while len(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*pieces, rest) if rest else tuple(pieces)


def shorten(text: str, limit: int) -> str:
    """Return ``text`` in NFC, with an ellipsis at its end if it had to be cut."""
    text = unicodedata.normalize("NFC", text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def split_reply(reply: Reply, limits: Limits) -> tuple[Reply, ...]:
    """Split one bubble so that every part is within ``limits``; the order is kept.

    Buttons stand under the last piece of text; those too many follow in bubbles of their own.
    A button whose payload is too long is left out: cut short it would ask something else.
    An empty bubble gives no parts.
    """
    buttons = tuple(_fitting_buttons(reply, limits))
    pieces = list(split_text(reply.text, limits.text))
    parts: list[Reply] = []
    if reply.image_url:
        caption = "" if buttons and not limits.image_with_buttons else "".join(pieces[:1])
        pieces = pieces[1:] if caption else pieces
        parts.append(replace(reply, text=caption, buttons=()))
    parts.extend(replace(reply, text=piece, buttons=(), image_url=None) for piece in pieces)
    return _with_buttons(reply, parts, buttons, limits)


def _with_buttons(
    reply: Reply, parts: list[Reply], buttons: tuple[Button, ...], limits: Limits
) -> tuple[Reply, ...]:
    groups = [buttons[i : i + limits.buttons] for i in range(0, len(buttons), limits.buttons)]
    if groups and parts and (limits.image_with_buttons or not parts[-1].image_url):
        parts[-1] = replace(parts[-1], buttons=groups.pop(0))
    fillers = (replace(reply, text=FILLER, buttons=group, image_url=None) for group in groups)
    return (*parts, *fillers)


def _fitting_buttons(reply: Reply, limits: Limits) -> Iterator[Button]:
    for button in reply.buttons:
        if len(button.payload or "") <= limits.payload:
            yield replace(button, title=shorten(button.title, limits.title))


def _cut(text: str, limit: int) -> int:
    """Return where to cut: at least 1, at most ``limit``."""
    window = text[: limit + 1]
    # A break in the first half would leave a nearly empty bubble; a plain space is taken anywhere.
    for pattern, earliest in ((_PARAGRAPH, 0.5), (_LINE, 0.5), (_SENTENCE, 0.5), (_SPACE, 0.0)):
        starts = [match.start() for match in pattern.finditer(window)]
        if starts and starts[-1] > limit * earliest:
            return starts[-1]
    return _cut_hard(text, limit)


def _cut_hard(text: str, limit: int) -> int:
    cut = limit
    while cut > 1 and (unicodedata.combining(text[cut]) or text[cut] in _JOINERS):
        cut -= 1
    return cut if cut > 1 else limit
