"""PDFs signed by a throw-away authority, and what can be done to them afterwards."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from fpdf import FPDF
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

SIGNER = "Nguyễn Văn Mẫu"


@dataclass(frozen=True)
class Authority:
    """A root and somebody it vouches for."""

    root: x509.Certificate
    root_key: rsa.RSAPrivateKey
    signer: signers.SimpleSigner

    def keep_root(self, folder: Path, *, der: bool = False) -> Path:
        """Write the root into a folder of trust and return the folder."""
        folder.mkdir(exist_ok=True)
        form = serialization.Encoding.DER if der else serialization.Encoding.PEM
        name = "root.cer" if der else "root.pem"
        (folder / name).write_bytes(self.root.public_bytes(form))
        return folder


@lru_cache(maxsize=8)
def authority(signer: str = SIGNER, *, years: float = 5) -> Authority:
    """Make an authority; ``years`` is how long its signer's certificate lives from 2024 on."""
    begin = datetime(2024, 1, 1, tzinfo=timezone.utc)
    root_key, key = _key(), _key()
    name = _name(f"Root CA of {signer}")
    root = _certificate(name, root_key, name, root_key, begin, 20, ca=True)
    leaf = _certificate(_name(signer), key, name, root_key, begin, years, ca=False)
    store = SimpleCertificateStore()
    store.register(_asn1(root))
    made = signers.SimpleSigner(
        signing_cert=_asn1(leaf), signing_key=_asn1_key(key), cert_registry=store
    )
    return Authority(root, root_key, made)


def plain_pdf(text: str = "Thong bao so 12/TB-UBND") -> bytes:
    """A page without a signature."""
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=14)
    page.cell(text=text)
    return bytes(page.output())


def encrypted() -> bytes:
    """A page that opens with a password only."""
    page = FPDF()
    page.set_encryption(owner_password="theirs", user_password="ours")
    page.add_page()
    return bytes(page.output())


def signed_pdf(
    by: Authority | None = None, data: bytes | None = None, field: str = "Signature1"
) -> bytes:
    """A page signed once more."""
    by = by or authority()
    writer = IncrementalPdfFileWriter(io.BytesIO(data or plain_pdf()))
    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    made: io.BytesIO = signers.PdfSigner(meta, by.signer, new_field_spec=_spec(field)).sign_pdf(
        writer
    )
    return made.getvalue()


def altered(data: bytes) -> bytes:
    """The same file with one of its signed bytes changed."""
    at = data.index(b"/MediaBox [0 0 5") + len(b"/MediaBox [0 0 ")
    return data[:at] + b"6" + data[at + 1 :]


def added_page(data: bytes) -> bytes:
    """The same file with a page hung on after the signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Page"),
            generic.pdf_name("/MediaBox"): generic.ArrayObject(
                [generic.NumberObject(each) for each in (0, 0, 595, 842)]
            ),
            generic.pdf_name("/Resources"): generic.DictionaryObject(),
        }
    )
    writer.insert_page(page)
    return _written(writer)


def added_field(data: bytes) -> bytes:
    """The same file with an empty place for one more signature added after the signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    fields.append_signature_field(writer, fields.SigFieldSpec("Later"))
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _spec(field: str) -> Any:
    return fields.SigFieldSpec(field)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    begin: datetime,
    years: float,
    *,
    ca: bool,
) -> x509.Certificate:
    usage = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=not ca,
                key_cert_sign=ca,
                crl_sign=ca,
                **usage,
            ),
            critical=True,
        )
    )
    return builder.sign(issuer_key, hashes.SHA256())


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _asn1_key(key: rsa.RSAPrivateKey) -> asn1_keys.PrivateKeyInfo:
    return asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
