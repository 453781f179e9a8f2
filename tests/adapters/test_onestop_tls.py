"""Mutual TLS: the system wants our certificate, and we want its authority."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.sources.onestop import Access
from bot.sources.onestop.faults import Fault
from bot.sources.onestop.transport import Tls
from tests.adapters.onestop_parts import CODE, closing, joined
from tests.onestop import OneStop
from tests.onestop.world import FIXED_TOKEN


@dataclass(frozen=True)
class Papers:
    """Paths of an authority and of what it signed."""

    authority: str
    server: tuple[str, str]
    client: tuple[str, str]


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


class Authority:
    """Signs certificates for an hour."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.cert = self._signed("authority", self._key.public_key(), is_authority=True)
        self.path = str(self._written("authority.pem", self.cert))

    def issue(self, text: str) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self._signed(text, key.public_key(), is_authority=False)
        path = self._folder / f"{text}.key"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(self._written(f"{text}.pem", cert)), str(path)

    def _signed(
        self, text: str, key: ec.EllipticCurvePublicKey, *, is_authority: bool
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(text))
            .issuer_name(name("authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if not is_authority:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _written(self, file: str, cert: x509.Certificate) -> Path:
        path = self._folder / file
        path.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
        return path


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    authority = Authority(tmp_path)
    return Papers(authority.path, authority.issue("server"), authority.issue("client"))


@pytest.fixture
def system(papers: Papers) -> Iterator[OneStop]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*papers.server)
    context.load_verify_locations(papers.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    with OneStop(tls=context) as running:
        yield running


def asked(system: OneStop, tls: Tls, folder: Path) -> int | None:
    access = Access(system.url, token=FIXED_TOKEN, tls=tls)
    with closing(joined(system, folder, access=access, seconds=2.0)) as source:
        return source.fetch(CODE).status


def test_with_both_papers_it_answers(system: OneStop, papers: Papers, tmp_path: Path) -> None:
    assert asked(system, Tls(*papers.client, papers.authority), tmp_path) == 4


def test_without_our_certificate_it_does_not(
    system: OneStop, papers: Papers, tmp_path: Path
) -> None:
    with pytest.raises(Fault):
        asked(system, Tls(authority=papers.authority), tmp_path)


def test_a_stranger_with_its_address_gets_neither_token_nor_code(
    system: OneStop, papers: Papers, tmp_path: Path
) -> None:
    with pytest.raises(Fault, match="tls"):
        asked(system, Tls(*papers.client), tmp_path)

    assert not system.world.counts
