"""Button payloads: ``/intent`` or ``/intent{"entity": "value"}``. Anyone may type one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bot.core.conversation.intents import PAYLOADS
from bot.core.desk import Entity
from bot.core.vietnamese import normalise

_SHAPE = re.compile(r"/(?P<intent>[a-z_]{2,40})\s*(?P<entities>\{.{0,900}\})?\s*", re.DOTALL)
_ENTITIES = frozenset(
    (
        "dossier_code procedure field topic area office offset confirmed faq aspect stars slip"
        " pace"
    ).split()
)

# The one button that cannot be taken back.
ERASE = '/delete_my_data{"confirmed": "yes"}'


@dataclass(frozen=True)
class Payload:
    """A button press: an intent and its entities."""

    intent: str
    entities: tuple[Entity, ...] = ()


def parse_payload(text: str) -> Payload | None:
    """Return the payload ``text`` is, or None; unknown intents and entities are not payloads.

    >>> parse_payload('/ask_fee{"procedure": "1.001193"}').entities
    (Entity(name='procedure', value='1.001193'),)
    >>> parse_payload("/etc/passwd") is None
    True
    """
    match = _SHAPE.fullmatch(text)
    if not match or match["intent"] not in PAYLOADS:
        return None
    try:
        data = json.loads(match["entities"] or "{}")
    except (ValueError, RecursionError):
        return None
    known = all(name in _ENTITIES and isinstance(value, str) for name, value in data.items())
    if not known:
        return None
    # JSON can write line ends and invisible marks as escapes: the text itself was normalised.
    entities = (Entity(name, normalise(value)) for name, value in data.items())
    return Payload(match["intent"], tuple(entities))


def write_payload(intent: str, **entities: str) -> str:
    """Return the payload text; the opposite of ``parse_payload``."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"
