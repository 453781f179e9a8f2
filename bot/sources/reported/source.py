"""Stands around a source: what a back office reported later is laid over what the source says.

Labels are cleaned here too: whatever a source calls a state, no citizen is shown a link or a
number to pay to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier, DossierSource, OwnerCheck
from bot.core.dossiers.labels import fit_to_repeat
from bot.core.follow.report import Report, Reports, laid_over
from bot.core.follow.states import states_of


class ReportedSource:
    """The DossierSource around another one; many states at once where that one can."""

    def __init__(self, source: DossierSource, reports: Reports) -> None:
        self.name = source.name
        self._source = source
        self._reports = reports

    def fetch(self, code: DossierCode) -> Dossier:
        """Return the dossier as it was said last.

        Raises what the source raises; a report alone makes no dossier.
        """
        dossier = self._source.fetch(code)
        return _newest(dossier, self._reports.of((code.key,)).get(code.key))

    def states(self, codes: Sequence[DossierCode]) -> Mapping[str, Dossier]:
        """Return the dossiers the source has, by key. Raises SourceUnavailable."""
        found = states_of(self._source, codes)
        reports = self._reports.of(found.keys()) if found else {}
        return {key: _newest(dossier, reports.get(key)) for key, dossier in found.items()}


class ReportedOwners(ReportedSource):
    """The same around a source that knows what only owners know."""

    def confirm(self, code: DossierCode, kind: Literal["phone", "secret"], value: str) -> bool:
        """Ask the source. Raises SourceUnavailable."""
        return cast(OwnerCheck, self._source).confirm(code, kind, value)


def with_reports(source: DossierSource, reports: Reports) -> DossierSource:
    """Return ``source`` as it is with what was reported since."""
    kind = ReportedOwners if hasattr(source, "confirm") else ReportedSource
    return kind(source, reports)


def _newest(dossier: Dossier, report: Report | None) -> Dossier:
    newest = laid_over(dossier, report)
    label = fit_to_repeat(newest.status_label)
    return newest if label == newest.status_label else replace(newest, status_label=label)
