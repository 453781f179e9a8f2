"""Files that go with a notice: what they are by their bytes, and what people may call them."""

from __future__ import annotations

import re
import unicodedata

MOST_PICTURE = 2**20  # bytes
MOST_DOCUMENT = 10 * 2**20  # bytes
LONGEST_NAME = 120  # letters
DIGEST = re.compile(r"[0-9a-f]{64}")
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
PICTURES = (JPEG, PNG)

_BEGINNINGS = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
_ENDING = ".pdf"
# Control characters; marks that turn or hide text; halves of letters; ends of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class FileRefused(Exception):
    """A file that cannot go with a notice; ``code`` names the sentence that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(data: bytes) -> str:
    """Return the media type of a file by its first bytes, "" for any other.

    >>> kind_of(b"%PDF-1.7"), kind_of(b"<html>%PDF-")
    ('application/pdf', '')
    """
    return next((kind for start, kind in _BEGINNINGS.items() if data.startswith(start)), "")


def check_picture(data: bytes) -> str:
    """Return the media type of a picture. Raises FileRefused."""
    if len(data) > MOST_PICTURE:
        raise FileRefused("picture_large")
    kind = kind_of(data)
    if kind not in PICTURES:
        raise FileRefused("picture_kind")
    return kind


def check_document(data: bytes) -> str:
    """Return the media type of a document. Raises FileRefused."""
    if len(data) > MOST_DOCUMENT:
        raise FileRefused("document_large")
    kind = kind_of(data)
    if kind != PDF:
        raise FileRefused("document_kind")
    return kind


def display_name(name: str) -> str:
    r"""Return what people may read of a file's name: no folders, nothing that hides or turns.

    >>> display_name("../../C:\\x\\Công văn\u202e 12.pdf"), display_name("a/..")
    ('Công văn 12.pdf', '')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(
        " " if char.isspace() else char
        for char in last
        if char.isspace() or unicodedata.category(char) not in _UNSEEN
    )
    tidy = " ".join(seen.split()).lstrip(".")
    return tidy if len(tidy) <= LONGEST_NAME else _shortened(tidy)


def document_name(name: str, otherwise: str) -> str:
    """Return the name of a document, which always ends as its bytes say.

    >>> document_name("x.pdf.exe", ""), document_name("", "van-ban")
    ('x.pdf.exe.pdf', 'van-ban.pdf')
    """
    tidy = display_name(name) or otherwise
    if tidy.lower().endswith(_ENDING):
        return tidy
    return tidy[: LONGEST_NAME - len(_ENDING)] + _ENDING


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > len(_ENDING):
        return name[:LONGEST_NAME]
    return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending
