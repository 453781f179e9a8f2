"""Finding one dossier across all sources."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.errors import DossierNotFound, SourceUnavailable


def look_up(code: DossierCode, sources: Iterable[DossierSource]) -> Dossier:
    """Return the dossier from the first source that has it.

    Raises DossierNotFound only when every source answered. A citizen must never hear "no such
    dossier" because a server was down, so one silent source turns that into SourceUnavailable.
    """
    silent: SourceUnavailable | None = None
    for source in sources:
        try:
            return source.fetch(code)
        except DossierNotFound:
            continue
        except SourceUnavailable as error:
            silent = error
    raise silent or DossierNotFound()
