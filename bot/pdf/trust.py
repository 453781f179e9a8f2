"""Root certificates that are trusted: files of one folder, PEM or DER."""

from __future__ import annotations

from pathlib import Path

from asn1crypto import pem, x509

ENDINGS = (".pem", ".crt", ".cer", ".der")
_FILES = 200
_MOST_BYTES = 256 * 1024


def read_roots(folder: Path) -> tuple[list[x509.Certificate], list[str]]:
    """Return the certificates of a folder, and the names of files that hold none.

    Raises OSError when the folder cannot be read.
    """
    roots: list[x509.Certificate] = []
    bad: list[str] = []
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    for path in files[:_FILES]:
        try:
            with path.open("rb") as file:
                roots += _certificates(file.read(_MOST_BYTES))
        except (OSError, ValueError, TypeError):
            bad.append(path.name)
    return roots, bad


def _certificates(data: bytes) -> list[x509.Certificate]:
    parts = [part for _, _, part in pem.unarmor(data, multiple=True)] if pem.detect(data) else []
    loaded = [x509.Certificate.load(part, strict=True) for part in parts or [data]]
    for certificate in loaded:
        certificate.subject.native  # noqa: B018 - read now, so that a broken one is told of
        certificate.public_key.native  # noqa: B018
    return loaded
