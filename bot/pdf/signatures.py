"""Signatures of one PDF, by pyHanko. Only ever run in the helper process."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from bot.core.documents.signature import Signature, Signed, Verdict, together
from bot.pdf.trust import read_roots

_MOST_SIGNATURES = 20
_LONGEST_NAME = 200
_USAGE = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
)
# How pyHanko names what keeps a certificate from being trusted, after ETSI EN 319 102-1.
_WHY = {
    "NO_CERTIFICATE_CHAIN_FOUND": "unknown_issuer",
    "OUT_OF_BOUNDS_NO_POE": "expired",
    "OUT_OF_BOUNDS_NOT_REVOKED": "expired",
    "EXPIRED": "expired",
    "NOT_YET_VALID": "expired",
    "REVOKED": "revoked",
    "REVOKED_NO_POE": "revoked",
    "REVOKED_CA_NO_POE": "revoked",
    "CRYPTO_CONSTRAINTS_FAILURE": "weak",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "weak",
    "CHAIN_CONSTRAINTS_FAILURE": "not_for_signing",
}
_HARMLESS = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)


def look_at(data: bytes, now: datetime, trust: Path | None) -> Signature:
    """Return what the signatures of a PDF are worth at ``now``."""
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=True)
        if reader.encrypted:
            return Signature(Verdict.UNREADABLE, why="encrypted")
        found = reader.embedded_regular_signatures
    except (MemoryError, RecursionError):
        raise
    except Exception:  # the library raises anything at all on a damaged file
        return _untidy(data)
    if len(found) > _MOST_SIGNATURES:
        return Signature(Verdict.UNREADABLE, why="too_much")
    roots = _roots(trust)
    looked = [_signed(each, roots, now, data) for each in found]
    return together([signed for signed, _ in looked], whole=any(covers for _, covers in looked))


def _untidy(data: bytes) -> Signature:
    """Look at a file that breaks the rules: such a one may be shown, but proves nothing."""
    try:
        signed = bool(PdfFileReader(io.BytesIO(data), strict=False).embedded_signatures)
    except (MemoryError, RecursionError):
        raise
    except Exception:
        signed = True
    return Signature(Verdict.UNREADABLE, why="broken") if signed else together([], whole=True)


def _roots(trust: Path | None) -> list[Any]:
    try:
        return read_roots(trust)[0] if trust else []
    except OSError:
        return []


def _signed(embedded: Any, roots: list[Any], now: datetime, data: bytes) -> tuple[Signed, bool]:
    """Return a signature, and whether it covers the document as it is now."""
    name = _name(embedded)
    try:
        status = validate_pdf_signature(
            embedded,
            ValidationContext(trust_roots=roots, moment=now, allow_fetching=False),
            ValidationContext(trust_roots=roots, moment=now, allow_fetching=False),
            key_usage_settings=_USAGE,
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # forged and damaged ones break in many ways
        why = "weak" if "Algorithm" in type(error).__name__ else "broken"
        return Signed(name, Verdict.INVALID, why=why), False
    verdict, why = _judged(status, bool(roots))
    stamp = status.timestamp_validity
    stamped = bool(stamp and stamp.valid and stamp.intact and stamp.trusted)
    at = stamp.timestamp if stamp and stamped else status.signer_reported_dt
    aware = at if at is not None and at.tzinfo is not None else None
    return Signed(name, verdict, aware, stamped, why), _covers(status, embedded, data)


def _judged(status: PdfSignatureStatus, anchored: bool) -> tuple[Verdict, str]:
    if not (status.intact and status.valid):
        return Verdict.INVALID, "altered"
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return Verdict.INVALID, "altered"
    if not status.docmdp_ok or status.modification_level is ModificationLevel.OTHER:
        return Verdict.INVALID, "altered"
    if status.bottom_line:
        return Verdict.VALID, ""
    if status.revoked:
        return Verdict.INVALID, "revoked"
    if status.trusted:  # and yet not in order: its time-stamp, or what its field asks for
        return Verdict.UNKNOWN, "untrusted"
    if not anchored:
        return Verdict.UNKNOWN, "no_anchors"
    indication = getattr(status.trust_problem_indic, "name", "")
    return Verdict.UNKNOWN, _WHY.get(indication, "untrusted")


def _covers(status: PdfSignatureStatus, embedded: Any, data: bytes) -> bool:
    """Return whether nothing but harmless upkeep came after the signature."""
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return False
    *_, start, length = (int(each) for each in embedded.byte_range)
    if not data[start + length :].strip():
        return True
    # What hangs behind the end without being a revision is nothing the library looks at.
    is_last = embedded.reader.total_revisions <= embedded.signed_revision + 1
    return not is_last and status.modification_level in _HARMLESS


def _name(embedded: Any) -> str:
    """Return the signer's common name, "" when there is none."""
    try:
        subject = embedded.signer_cert.subject.native
        name = subject.get("common_name") or subject.get("organization_name") or ""
        text = name[0] if isinstance(name, list) else str(name)
    except Exception:  # the library raises anything at all on a damaged file
        return ""
    return " ".join("".join(filter(_is_seen, text)).split())[:_LONGEST_NAME]


def _is_seen(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()
