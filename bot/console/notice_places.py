"""The places written into a notice's form: one place a name, or the author is asked again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.console.notice_words import notice_words
from bot.core.notices.notice import todays_areas
from bot.core.offices.directory import Area, Directory
from bot.core.vietnamese import fold_tokens, normalise

_BETWEEN = re.compile(r"[,;\n]")
_NOTE = re.compile(r"\(.*?\)")  # "(cũ)"


def read_places(text: str, directory: Directory, wrong: dict[str, str]) -> tuple[str, ...]:
    """Return today's places for the names in ``text``, old names too; () is the whole province.

    A name nobody knows is put into ``wrong`` as ``areas``, one that may mean something else than
    one place as ``areas_unclear``: a guess would leave people out.
    """
    names = [name for name in map(str.strip, _BETWEEN.split(text)) if name]
    places = [name for name in names if not _is_whole(name, directory)]
    if len(places) < len(names) and len(names) > 1:
        wrong["areas_unclear"] = text  # "xã Một, tỉnh Hai": an address, or everybody?
        return ()
    found = []
    for name in places:
        known = directory.find_areas(name)
        chosen = _only(name, known)
        if chosen is not None and chosen.kind != "old_province":
            found.append(chosen)
        else:
            wrong["areas_unclear" if known else "areas"] = name
    return todays_areas(found, directory.successors)


def _is_whole(name: str, directory: Directory) -> bool:
    """Whether a name stands for the province of today."""
    if fold_tokens(name) in map(fold_tokens, notice_words()["whole_province"]):
        return True
    first = next(iter(directory.find_areas(name)), None)
    return first is not None and first.kind == "province" and _says_no_more(name, first)


def _only(name: str, found: Sequence[Area]) -> Area | None:
    """Return the one area written: with marks and "(cũ)", without, or the only one there is."""
    spellings: tuple[Callable[[str], object], ...] = (
        _spelt,
        lambda text: _spelt(_NOTE.sub("", text)),
        fold_tokens,
        lambda text: fold_tokens(_NOTE.sub("", text)),
    )
    for spelling in spellings:
        same = [
            area for area in found if name == area.slug or spelling(area.name) == spelling(name)
        ]
        if same:
            return same[0] if len(same) == 1 else None
    return found[0] if len(found) == 1 and _says_no_more(name, found[0]) else None


def _says_no_more(name: str, area: Area) -> bool:
    """Whether nothing but the area's name and its kind is written."""
    say = notice_words()
    beside = [*say["kinds"], *(say["whole_province"] if area.kind == "province" else ())]
    known = {word for phrase in (area.name, *beside) for word in fold_tokens(phrase)}
    return known.issuperset(fold_tokens(name))


def _spelt(text: str) -> str:
    return normalise(text).lower()
