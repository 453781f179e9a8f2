"""Whatever stands in a QR code stays text: nothing of it is opened, shown, kept or logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.core.photos.payload import Payload, PayloadKind
from bot.qr.reader import PhotoReader
from tests import receipts

CODE = "H53.16-260916-0012"


@pytest.fixture(scope="module")
def reader() -> Iterator[PhotoReader]:
    with closing(PhotoReader(patience=20)) as reader:
        yield reader


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(document.cookie)",
        f"javascript://a.gov.vn/%0aalert('{CODE}')",
        f"data:text/html,<script>'{CODE}'</script>",
        f"file:///etc/{CODE}",
        "http://169.254.169.254/latest/meta-data/",
        f"https://10.0.0.1/q/{CODE}",
        f"https://[::1]/q/{CODE}",
        f"https://localhost/q/{CODE}",
        f"https://2130706433/q/{CODE}",
        f"{CODE}\x00\x1b[2J",
        f"{CODE}\u202e0012",
        f"{CODE}\r\nX-Evil: 1",
        f"{CODE} " * 100,
        "9" * 2_900,
        '/stop{"all": "yes"}',
        "[Trả phí](https://evil.example)\n===\n---",
        "{{ settings.secret_key }}",
        "WIFI:S:UBND;T:WPA;P:mat-khau;;",
        "BEGIN:VCARD\nVERSION:3.0\nN:Nguyen;An\nTEL:0901234567\nEND:VCARD",
        "MECARD:N:Nguyen An;TEL:0901234567;;",
        "tel:0901234567",
        "smsto:8088:NAP 100",
        "mailto:a@example.vn?body=x",
        "bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT?amount=1",
        "otpauth://totp/VNeID:an?secret=JBSWY3DPEHPK3PXP",
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_a_code_that_is_no_dossier_is_inert(
    reader: PhotoReader, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    caplog.set_level(logging.DEBUG)

    reading = reader.read(receipts.a_code_picture(text, box=4))

    assert reading.payloads == (Payload(PayloadKind.OTHER),)
    assert not caplog.records


def test_the_dossiers_code_is_chosen_among_others(reader: PhotoReader) -> None:
    wifi, payment = "WIFI:S:UBND;T:WPA;P:x;;", "00020101021238540010A000000727"

    reading = reader.read(receipts.a_code_picture(payment, CODE, wifi))

    assert [code.value for code in reading.codes] == [CODE]
