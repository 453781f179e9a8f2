"""The present states of many dossiers, from whichever source answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.errors import DossierNotFound, SourceUnavailable


@runtime_checkable
class ManyStates(Protocol):
    """A source that answers for many dossiers in one call."""

    def states(self, codes: Sequence[DossierCode]) -> Mapping[str, Dossier]:
        """Return the dossiers it has, by the key of their code. Raises SourceUnavailable."""


def states_of(source: DossierSource, codes: Sequence[DossierCode]) -> Mapping[str, Dossier]:
    """Return the dossiers of one source by key. Raises SourceUnavailable."""
    if isinstance(source, ManyStates):
        return {key: found for key, found in source.states(codes).items() if not found.stale}
    found: dict[str, Dossier] = {}
    for code in codes:
        try:
            dossier = source.fetch(code)
        except DossierNotFound:
            continue
        if not dossier.stale:
            found[code.key] = dossier
    return found


def fetch_states(
    sources: Sequence[DossierSource],
    codes: Sequence[DossierCode],
    silent: Callable[[str], None] = lambda name: None,
) -> Mapping[str, Dossier]:
    """Return what the sources say now, by key; a code that is missing got no answer.

    Sources are asked in order, each only for what is still missing. ``silent`` is told the name
    of each that did not answer.
    """
    found: dict[str, Dossier] = {}
    for source in sources:
        left = [code for code in codes if code.key not in found]
        if not left:
            break
        try:
            found.update(states_of(source, left))
        except SourceUnavailable:
            silent(source.name)
    return found
