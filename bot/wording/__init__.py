"""Every sentence with data that a citizen reads: templates beside this file, and their renderer.

A template is text, then an optional line ``---`` and button lines ``[Title](target)``, where a
target is a payload (``/intent{…}``), an ``https://`` link or ``tel:`` number. A line ``===``
starts another bubble. Civil servants may edit templates without touching Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from bot.core.messages import Button, Reply

_BUTTON = re.compile(r"^\[(?P<title>.+?)\]\((?P<target>.+)\)$")
_CUT = re.compile(r"^[ \t]*(-{3}|={3})[ \t]*$", re.MULTILINE)
_HERE = Path(__file__).parent


class TemplateWording:
    """Renders ``<topic>/<name>.<language>.j2`` into bubbles."""

    def __init__(self, facts: Mapping[str, Any] | None = None, language: str = "vi") -> None:
        self._language = language
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text for chat; pages escape on their own
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_harmless,
        )
        self._templates.filters["payload"] = _payload
        self._templates.filters["ngay"] = _day_month
        self._templates.filters["dem"] = _grouped
        self._templates.filters["giua"] = _mid_sentence
        self._templates.globals.update(facts or {})

    def replies(self, name: str, **data: Any) -> tuple[Reply, ...]:
        """Return the bubbles of the template ``name`` filled with ``data``."""
        text = self._template(name).render(**data)
        return tuple(_bubble(part) for part in re.split(r"(?m)^===\s*$", text) if part.strip())

    def has(self, name: str) -> bool:
        """Whether a template of this name exists."""
        return (_HERE / f"{name}.{self._language}.j2").is_file()

    @lru_cache(maxsize=256)  # noqa: B019 - one renderer per process
    def _template(self, name: str) -> jinja2.Template:
        return self._templates.get_template(f"{name}.{self._language}.j2")


def _bubble(part: str) -> Reply:
    """Read one bubble: text, then buttons after the ``---`` line.

    >>> _bubble("Chào\\n---\\n[Gọi](tel:1022)").buttons[0].phone
    '1022'
    """
    text, _, rest = part.partition("\n---\n")
    lines = [line.strip() for line in rest.splitlines() if line.strip()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines()))
    return Reply(text.strip(), tuple(_button(line) for line in lines))


def _button(line: str) -> Button:
    match = _BUTTON.match(line)
    if not match:
        raise ValueError(f"not a button line: {line!r}")
    title, target = match["title"].strip(), match["target"].strip()
    if target.startswith("tel:"):
        return Button(title, phone=re.sub(r"[^0-9+]", "", target[4:]))
    if target.startswith("https://"):
        return Button(title, url=target)
    return Button(title, payload=target)


def _harmless(value: Any) -> Any:
    """Return data for a template so that no line of it starts buttons or another bubble.

    >>> _harmless("x\\n---\\n[Gift](https://example.org)")
    'x\\n—\\n[Gift](https://example.org)'
    """
    return _CUT.sub("—", value) if isinstance(value, str) else value


def _payload(entities: Mapping[str, Any]) -> str:
    """Write entities as the JSON of a payload, empty ones left out."""
    kept = {name: str(value) for name, value in entities.items() if value not in (None, "")}
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def _grouped(number: int) -> str:
    """Write a count as Vietnamese does.

    >>> _grouped(1234567)
    '1.234.567'
    """
    return f"{number:,}".replace(",", ".")


def _mid_sentence(name: str) -> str:
    """Return a name as it stands inside a sentence.

    >>> _mid_sentence("Cúp điện, nước")
    'cúp điện, nước'
    """
    return name[:1].lower() + name[1:]


def _day_month(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
