"""Where published notices stand on the public site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pages:
    """Addresses of notices by their codes. ``address`` has no slash at its end.

    Empty: nobody knows how citizens reach us, so there is no address to give.
    """

    address: str = ""

    @property
    def open(self) -> bool:
        """Whether platforms take the addresses: as buttons and as pictures they want https."""
        return self.address.startswith("https://")

    def page(self, code: str | None) -> str:
        """Return the permanent page of a notice, or nothing.

        >>> Pages("https://motcua.example").page("ACDEFGH"), Pages().page("ACDEFGH")
        ('https://motcua.example/n/ACDEFGH', '')
        """
        return f"{self.address}/n/{code}" if self.address and code else ""

    def button(self, code: str | None) -> str:
        """Return the page where a button may lead there, or nothing."""
        return self.page(code) if self.open else ""

    def picture(self, code: str | None) -> str:
        """Return the address of a notice's picture, or nothing."""
        return f"{self.page(code)}/anh" if self.page(code) else ""

    def document(self, code: str | None) -> str:
        """Return the address of a notice's document, or nothing."""
        return f"{self.page(code)}/van-ban" if self.page(code) else ""
