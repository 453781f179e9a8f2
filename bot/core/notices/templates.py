"""Notices begun for the usual occasions: words with blanks, and what to think of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.notices.notice import Audience, Notice, Urgency

# What a person still has to fill in: «tên xã», or stars as in old forms.
BLANK = re.compile(r"«[^«»\n]*»|[«»]|\*{3,}")


@dataclass(frozen=True)
class Template:
    """One occasion. ``name`` and ``when`` are for staff, ``hints`` what is easily forgotten."""

    slug: str
    name: str
    when: str
    topic: str
    urgency: Urgency
    title: str
    body: str
    issuer: str = ""
    hotline: str = ""
    url: str = ""
    hints: tuple[str, ...] = ()

    def begin(self, issuer: str) -> Notice:
        """Return the notice to go on from; ``issuer`` stands where the occasion names nobody."""
        return Notice(
            topic=self.topic,
            title=self.title,
            body=self.body,
            issuer=self.issuer or issuer,
            audience=Audience(topics=(self.topic,) if self.topic else ()),
            hotline=self.hotline,
            url=self.url,
            urgency=self.urgency,
        )


def read_templates(
    lists: Mapping[str, Any], facts: Mapping[str, str], topics: Sequence[str]
) -> tuple[Template, ...]:
    """Return the occasions of ``templates.yml``, with the province's facts in place of ``{fact}``.

    A fact the province does not have becomes a blank; a topic it does not have is left open.
    """
    known = {name: facts.get(name) or f"«{blank}»" for name, blank in lists["facts"].items()}
    return tuple(_template(row, known, topics) for row in lists["templates"])


def blanks(*texts: str) -> tuple[str, ...]:
    """Return what is still to be filled in, in order.

    >>> blanks("Ngập ở «tên xã» lúc ***", "Dạ")
    ('«tên xã»', '***')
    """
    return tuple(found for text in texts for found in BLANK.findall(text))


def pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, each with whether it is a blank.

    >>> pieces("Ở «xã».")
    (('Ở ', False), ('«xã»', True), ('.', False))
    """
    found, at = [], 0
    for match in BLANK.finditer(text):
        found += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    found.append((text[at:], False))
    return tuple(piece for piece in found if piece[0])


def _template(row: Mapping[str, Any], facts: Mapping[str, str], topics: Sequence[str]) -> Template:
    made = Template(
        slug=row["slug"],
        name=row["name"],
        when=row["when"],
        topic=row["topic"] if row["topic"] in topics else "",
        urgency=Urgency(row["urgency"]),
        title=row["title"],
        body=row["body"],
        issuer=row.get("issuer", ""),
        hotline=row.get("hotline", ""),
        url=row.get("url", ""),
        hints=tuple(row.get("hints", ())),
    )
    texts = ("title", "body", "issuer", "hotline", "url")
    filled: dict[str, Any] = {name: _filled(getattr(made, name), facts) for name in texts}
    if blanks(filled["url"]):
        filled["url"] = ""  # a draft with an address that is none cannot even be kept
    return replace(made, **filled)


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: facts[match[1]], text)
