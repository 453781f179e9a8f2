"""The catalogue of administrative procedures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Procedure:
    """One procedure. Field meanings follow the columns of ``data/province/procedures.csv``."""

    code: str
    name: str
    short_name: str
    aliases: tuple[str, ...]
    field: str  # slug of a Field, e.g. "civil_status"
    field_name: str  # the field as printed, e.g. "Hộ tịch"
    levels: tuple[str, ...]  # bo, tinh, xa, khac
    channels: tuple[str, ...]  # online, post, counter
    time_limit: str
    time_status: str  # as_listed, normalised_from_law, recalled_check
    fee: str
    fee_kind: str  # free, by_province, fixed, unlisted, schedule, per_page, unknown
    papers: tuple[str, ...]
    result: str
    url: str | None
    verification: str  # details of "code_seen_details_recalled" are not shown
    note: str = ""  # e.g. what is often confused with it

    @property
    def online(self) -> bool:
        """Whether it can be filed online."""
        return "online" in self.channels

    @property
    def details_known(self) -> bool:
        """Whether the details may be shown (not only recalled)."""
        return self.verification != "code_seen_details_recalled"


@dataclass(frozen=True)
class Field:
    """A field of government with its everyday names."""

    slug: str
    name: str
    aliases: tuple[str, ...]
    count: int
    online_count: int


@dataclass(frozen=True)
class Match:
    """A procedure found for a query; ``score`` is 0-1, higher is better."""

    procedure: Procedure
    score: float


class Catalogue(Protocol):
    """Looks up procedures."""

    def find(self, code: str) -> Procedure | None:
        """Return the procedure with this code (local suffixes ignored), or None."""

    def search(self, query: str, limit: int = 10) -> Sequence[Match]:
        """Return the procedures a citizen may mean, best first; nothing rather than nonsense."""

    def absent(self, query: str) -> str | None:
        """Return the name of a matter that ``query`` means and no procedure here covers."""

    def fields(self) -> Sequence[Field]:
        """Return all fields in display order."""

    def find_field(self, text: str) -> Field | None:
        """Return the field named by ``text`` ("đất đai", "hộ tịch", an alias), or None."""

    def in_field(
        self, slug: str, *, online_only: bool = False, offset: int = 0, limit: int = 5
    ) -> tuple[Sequence[Procedure], int]:
        """Return one page of a field's procedures and how many there are in all."""
