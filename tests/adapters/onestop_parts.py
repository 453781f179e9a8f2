"""A source joined to a stand-in one-stop system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.sources.onestop import Access, OneStopSource, open_onestop
from tests.adapters.registry_parts import built_registry
from tests.onestop import OneStop
from tests.onestop.world import FIXED_TOKEN

CODE = DossierCode("h39.21 261102 0301")
OTHER = DossierCode("000.00.19.H39-261020-0302")
READY = DossierCode("H53.08-261110-0303")
STRANGE = DossierCode("H39.21-261102-0999")
# What the stand-in also sends, and nobody may see, keep or log.
PLANTED = (
    "Mơ Ước", "Đặng Ngọc", "0912345678", "mo.uoc", "080190012345", "xây nhà", "Gọi bà",
    "Quỳnh", "0987", "654 321", "Nghĩa Hiệp", "Thiếu hợp đồng", "Đoan Trang", "K7QX",
)  # fmt: skip
QUICK = 0.5  # seconds a look-up may take here


def joined(system: OneStop, folder: Path, **more: Any) -> OneStopSource:
    """Return a source of ``system`` that keeps what it knows in ``folder``."""
    access = more.pop("access", None) or Access(system.url, token=FIXED_TOKEN)
    options: dict[str, Any] = {
        "mapping": "national",
        "registry": built_registry(),
        "known": folder / "known.db",
        "zone": "Asia/Ho_Chi_Minh",
        "fresh": 0.0,
        "seconds": QUICK,
        **more,
    }
    return open_onestop(access, **options)


@contextmanager
def closing(source: OneStopSource) -> Iterator[OneStopSource]:
    """Close what the source opened."""
    try:
        yield source
    finally:
        source.close()
