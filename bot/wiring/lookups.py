"""Joins what stands between a code and a dossier: budgets, proofs, slips, receipt numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import yaml

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import DossierSource
from bot.core.dossiers.gate import Gate, VerifySlip
from bot.core.dossiers.guard import AddressGuard, Guard, Limits, Marks
from bot.core.dossiers.proof import Proofs
from bot.core.dossiers.receipts import ReceiptNumbers
from bot.core.errors import SettingsError
from bot.core.origin import Origins
from bot.settings import Settings
from bot.store import Store
from bot.wiring.keys import desk_secret

RECEIPTS_FILE = "codes.yml"


def build_proofs(settings: Settings, store: Store, sources: Sequence[DossierSource]) -> Proofs:
    """Return what decides who may see the owner's answer."""
    return Proofs(store.proofs, sources, Marks(desk_secret(settings)))


def build_rating_mark(settings: Settings) -> Callable[[DossierCode], str]:
    """Return what knows a rated dossier again, and nothing else."""
    marks = Marks(desk_secret(settings))
    return lambda code: marks.digest(code.key, "rating")


def build_gate(
    settings: Settings,
    store: Store,
    sources: Sequence[DossierSource],
    proofs: Proofs,
    verify: VerifySlip | None = None,
) -> Gate:
    """Return the one way from a code to a dossier. Raises SettingsError."""
    return Gate(sources, build_guard(settings, store), proofs, store.follows, verify)


def build_address_guard(settings: Settings, store: Store) -> AddressGuard:
    """Return the same budgets for pages that are read without a talk. Raises SettingsError."""
    return AddressGuard(build_guard(settings, store), build_origins(settings).of)


def build_guard(settings: Settings, store: Store) -> Guard:
    """Return the budgets of wrong codes. Raises SettingsError."""
    limits = Limits(
        settings.wrong_codes_citizen,
        settings.wrong_codes_address,
        settings.wrong_codes_province,
        settings.wrong_codes_nearby,
    )
    for name, most in vars(limits).items():
        if most < 1:
            name = f"MOTCUA_WRONG_CODES_{name.upper()}"
            raise SettingsError(f"{name} must be at least 1, not {most}: set it or unset it")
    return Guard(store.lookups, limits, Marks(desk_secret(settings)))


def read_receipts(settings: Settings) -> ReceiptNumbers:
    """Return the receipt numbers of other systems; a province may have none.

    Raises SettingsError naming the file and what is wrong in it.
    """
    path = settings.province_dir / RECEIPTS_FILE
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    try:
        return ReceiptNumbers.from_rows((rows or {}).get("receipt_numbers") or ())
    except (ValueError, AttributeError, TypeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def build_origins(settings: Settings) -> Origins:
    """Return what turns addresses into digests."""
    return Origins(desk_secret(settings))
