"""Where codes stand on a page: grids to cut apart, and the label sheets shops sell."""

from __future__ import annotations

from dataclasses import dataclass

A4 = (210.0, 297.0)  # millimetres
A5 = (148.0, 210.0)


@dataclass(frozen=True)
class Grid:
    """``columns`` x ``rows`` cells on A4, all in millimetres.

    ``left`` and ``top`` are the corner of the first cell, ``across`` and ``down`` the steps to
    the next; ``cut`` draws the lines to cut along.
    """

    columns: int
    rows: int
    left: float
    top: float
    width: float
    height: float
    across: float
    down: float
    cut: bool = False

    @property
    def per_page(self) -> int:
        """Return how many cells a page has."""
        return self.columns * self.rows

    def corner(self, index: int) -> tuple[float, float]:
        """Return the upper left corner of a cell, counted along the rows from 0."""
        row, column = divmod(index % self.per_page, self.columns)
        return self.left + column * self.across, self.top + row * self.down


GRID = Grid(3, 7, 10, 12, 63.3, 39, 63.3, 39, cut=True)

# The label sheets in use, by labels a sheet.
LABELS = {
    8: Grid(2, 4, 4.65, 13.1, 99.1, 67.7, 101.6, 67.7),
    14: Grid(2, 7, 4.65, 15.15, 99.1, 38.1, 101.6, 38.1),
    21: Grid(3, 7, 7.2, 15.15, 63.5, 38.1, 66.0, 38.1),
    24: Grid(3, 8, 0, 0.5, 70, 37, 70, 37),
    40: Grid(4, 10, 0, 0, 52.5, 29.7, 52.5, 29.7),
    65: Grid(5, 13, 4.75, 10.7, 38.1, 21.2, 40.6, 21.2),
}
