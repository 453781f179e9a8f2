"""Finding one dossier across all sources."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.errors import DossierNotFound, SourceUnavailable


def look_up(code: DossierCode, sources: Iterable[DossierSource]) -> Dossier:
    """Return the dossier from the first source that has it.

    A source that answers now is believed before one that only remembers: a ``stale`` dossier is
    the last resort, the newest if there are several. Raises DossierNotFound only when every source
    answered. A citizen must never hear "no such dossier" because a server was down, so one silent
    source turns that into SourceUnavailable.
    """
    silent: SourceUnavailable | None = None
    stale: Dossier | None = None
    for source in sources:
        try:
            dossier = source.fetch(code)
        except DossierNotFound:
            continue
        except SourceUnavailable as error:
            silent = error
            continue
        if not dossier.stale:
            return dossier
        if stale is None or dossier.as_of > stale.as_of:
            stale = dossier
    if stale is not None:
        return stale
    raise silent or DossierNotFound()
