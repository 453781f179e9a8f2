"""What a look at the signatures of a PDF found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol


class Verdict(str, Enum):
    """What the signatures of a document are worth, the best first."""

    VALID = "valid"  # intact, and its issuer is one we trust
    UNKNOWN = "unknown"  # intact, but nobody we trust says whose it is
    NONE = "none"  # there is no signature
    UNREADABLE = "unreadable"  # the file could not be looked at
    INVALID = "invalid"  # broken, forged, revoked, or changed where it must not be


_WORST = (Verdict.INVALID, Verdict.UNREADABLE, Verdict.UNKNOWN, Verdict.VALID)


@dataclass(frozen=True)
class Signed:
    """One signature. ``at`` is None when it names no time.

    ``stamped``: a time-stamp proves the time; otherwise the signer's machine states it.
    ``why`` is "" or the code of what keeps it from being valid: ``no_anchors``,
    ``unknown_issuer``, ``expired``, ``revoked``, ``weak``, ``altered``, ``broken``,
    ``not_for_signing``, ``untrusted``.
    """

    name: str
    verdict: Verdict
    at: datetime | None = None
    stamped: bool = False
    why: str = ""


@dataclass(frozen=True)
class Signature:
    """All signatures of a document together.

    ``whole``: no page, field or note was added after the last signature. ``why`` says why a file
    is UNREADABLE: ``encrypted``, ``broken``, ``not_pdf``, ``too_large``, ``too_long``,
    ``too_much``.
    Whether certificates were taken back is not looked up anywhere.
    """

    verdict: Verdict
    signed: tuple[Signed, ...] = ()
    whole: bool = True
    why: str = ""

    @property
    def needs_paper(self) -> bool:
        """Whether somebody must compare the paper before anything is made of the document."""
        return self.verdict in (Verdict.INVALID, Verdict.UNREADABLE) or not self.whole

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        return {
            "verdict": self.verdict.value,
            "whole": self.whole,
            "why": self.why,
            "signed": [
                {
                    "name": each.name,
                    "verdict": each.verdict.value,
                    "at": each.at.isoformat() if each.at else None,
                    "stamped": each.stamped,
                    "why": each.why,
                }
                for each in self.signed
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Signature:
        """Read what ``as_json`` wrote. Raises KeyError, TypeError or ValueError otherwise."""
        signed = tuple(
            Signed(
                name=str(each["name"]),
                verdict=Verdict(each["verdict"]),
                at=datetime.fromisoformat(each["at"]) if each["at"] else None,
                stamped=bool(each["stamped"]),
                why=str(each["why"]),
            )
            for each in data["signed"]
        )
        return cls(Verdict(data["verdict"]), signed, bool(data["whole"]), str(data["why"]))


def together(signed: Sequence[Signed], *, whole: bool) -> Signature:
    """Return the signature of a document: it is worth what its worst signature is worth.

    >>> together([], whole=True).verdict.value
    'none'
    >>> good, bad = Signed("A", Verdict.VALID), Signed("B", Verdict.INVALID)
    >>> together([good, bad], whole=True).verdict.value
    'invalid'
    """
    found = {each.verdict for each in signed}
    verdict = next((each for each in _WORST if each in found), Verdict.NONE)
    return Signature(verdict, tuple(signed), whole or not signed)


class SignatureCheck(Protocol):
    """Looks at the signatures of a PDF; never raises for what is in the file, never hangs."""

    def __call__(self, data: bytes, now: datetime) -> Signature:
        """Return what was found, certificates judged at ``now``."""
