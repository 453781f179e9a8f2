"""Buttons written as lines, for platforms that have none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.core.messages import Button, Reply


def written_out(reply: Reply) -> Reply:
    """Return ``reply`` without buttons: each is a line under the text.

    A button with a payload keeps its title, for the citizen to type. ``Numbered`` stands before
    this wherever a number can be made to pick it.

    >>> written_out(Reply("Dạ.", (Button("Cổng", url="https://a.vn"), Button("Tra hồ sơ", "/a")))).text
    'Dạ.\\n\\nCổng: https://a.vn\\n• Tra hồ sơ'
    """  # noqa: E501 - one call, one line
    lines = [*links(reply.buttons), *(f"• {button.title}" for button in pressable(reply))]
    return under(reply, lines)


def links(buttons: Iterable[Button]) -> Iterator[str]:
    """Yield a line for each link and phone number.

    >>> list(links([Button("Gọi tổng đài 0272 000 1022", phone="02720001022")]))
    ['Gọi tổng đài 0272 000 1022']
    """
    for button in buttons:
        if button.url:
            yield f"{button.title}: {button.url}"
        elif button.phone:
            shown = button.phone in button.title.replace(" ", "")
            yield button.title if shown else f"{button.title}: {button.phone}"


def pressable(reply: Reply) -> list[Button]:
    """Return the buttons that send a payload."""
    return [button for button in reply.buttons if button.payload]


def under(reply: Reply, lines: Iterable[str]) -> Reply:
    """Return ``reply`` without buttons and with ``lines`` as a paragraph under its text."""
    paragraphs = (reply.text, "\n".join(lines))
    return replace(reply, text="\n\n".join(filter(None, paragraphs)), buttons=())
