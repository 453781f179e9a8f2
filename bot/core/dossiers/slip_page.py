"""What somebody sees who opens the link of a slip: the public answer, and nothing personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import Enum
from typing import Any, Protocol

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.days import WEEKENDS_ONLY, WorkCalendar
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.dossiers.facts import facts
from bot.core.dossiers.lookup import look_up
from bot.core.dossiers.slips import Slips, code_in
from bot.core.errors import DossierNotFound, SourceUnavailable


class Finding(str, Enum):
    """What became of a look-up by link."""

    FOUND = "found"
    UNKNOWN = "unknown"  # no such dossier, or one that is not shown: never told apart
    SILENT = "silent"
    TOO_MANY = "too_many"


class WrongCodes(Protocol):
    """Counts codes that were tried by people who have no session, by where they come from."""

    def allowed(self, origin: str, now: datetime) -> bool:
        """Whether ``origin`` may try another code."""

    def note(self, origin: str, code: DossierCode, now: datetime, *, wrong: bool) -> bool:
        """Count a code; False when it must not be answered after all."""


@dataclass(frozen=True)
class SlipView:
    """What the page shows. ``facts`` are those of ``bot.core.dossiers.facts``, when found.

    ``token`` is the slip when its signature is right; ``forged`` says that there was one that is
    not right, or no longer. ``code`` is written as the source has it, else as it was given.
    """

    finding: Finding
    code: str = ""
    token: str = field(default="", repr=False)
    forged: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dossier(self) -> Dossier:
        """Return the dossier found. Raises KeyError when none was."""
        dossier: Dossier = self.facts["dossier"]
        return dossier


class SlipPages:
    """Looks up what a link names.

    A slip of ours is no guess: it costs nothing and is answered also where too many codes were
    tried before. Everything else counts, and an unknown code is answered like one not shown.
    """

    def __init__(
        self,
        slips: Slips,
        sources: Sequence[DossierSource],
        wrong_codes: WrongCodes,
        zone: tzinfo,
        holidays: WorkCalendar = WEEKENDS_ONLY,
    ) -> None:
        self._slips = slips
        self._sources = sources
        self._wrong_codes = wrong_codes
        self._zone = zone
        self._holidays = holidays

    def view(self, text: str, origin: str, now: datetime) -> SlipView:
        """Return what ``origin`` sees of ``text``: a token, signed or not, or a bare code."""
        text = text.strip().upper()
        code = self._slips.verify(text)
        if code is not None:
            return self._found(code, now, token=text)
        guess = code_in(text)
        if guess is None:
            return SlipView(Finding.UNKNOWN)
        if not self._wrong_codes.allowed(origin, now):
            return SlipView(Finding.TOO_MANY)
        view = self._found(guess, now, forged=DossierCode.parse(text) is None)
        if view.finding is Finding.SILENT:
            return view
        wrong = view.finding is Finding.UNKNOWN
        if not self._wrong_codes.note(origin, guess, now, wrong=wrong):
            return SlipView(Finding.TOO_MANY)
        return view

    def _found(
        self, code: DossierCode, now: datetime, token: str = "", forged: bool = False
    ) -> SlipView:
        try:
            dossier = look_up(code, self._sources)
        except DossierNotFound:
            return SlipView(Finding.UNKNOWN, code.value)
        except SourceUnavailable:
            return SlipView(Finding.SILENT, code.value, token, forged)
        known = facts(dossier, now, self._zone, self._holidays)
        return SlipView(Finding.FOUND, dossier.code, token, forged, known)
