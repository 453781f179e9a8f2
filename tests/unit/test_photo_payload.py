"""What the text of a QR code means."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.photos.payload import Payload, PayloadKind, PhotoReading, read_payload

CODE = "H53.16-260916-0012"
IDENTITY = "080095001234|301234567|NGUYỄN VĂN AN|17051995|Nam|Ấp 3, xã Bến Lức|10052021"
HEALTH = (
    "HS4808012345678|4e677579e1bb856e2056c4836e20416e|17/05/1995|1|Long An|80 - 010|-|01/01/2026"
)
PAYMENT = "00020101021238540010A00000072701240006970415011012345678905802VN6304ABCD"


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.lower(),
        f" {CODE}\n",
        f"https://dichvucong.tayninh.gov.vn/tra-cuu?ma_ho_so={CODE}",
        f"https://dichvucong.tayninh.gov.vn:443/tra-cuu/{CODE}",
        f"https://dichvucong.tayninh.gov.vn/hs/{CODE}.html",
        f"HTTPS://DICHVUCONG.TAYNINH.GOV.VN/HS/{CODE}",
        "https://a.gov.vn/#/tra-cuu?code=H53%2E16%2D260916%2D0012",
        f"https://a.gov.vn/t?x=1&ma={CODE}&again={CODE}",
        f"https://motcua.tayninh.gov.vn/q/{CODE}.k1.Zm9vYmFyMTIzNDU2",
        f"https://motcua.tayninh.gov.vn/q/{CODE}.1.0012",
        f"https://tayninh.gov.vn/motcua/q/{CODE}.a2.x-_9=",
    ],
)
def test_one_code_is_taken_from_a_code_or_a_plain_https_link(text: str) -> None:
    payload = read_payload(text)

    assert payload.kind is PayloadKind.DOSSIER
    assert payload.codes == (DossierCode(CODE),)
    assert payload.codes[0].value == CODE


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://dichvucong.gov.vn/", "dichvucong.gov.vn"),
        ("https://ZALO.me/12345", "zalo.me"),
        (f"http://dichvucong.gov.vn/{CODE}", "dichvucong.gov.vn"),
        (f"https://dichvucong.gov.vn@evil.example/{CODE}", "evil.example"),
        (f"https://dichvucong.gov.vn:8443/{CODE}", "dichvucong.gov.vn"),
        (f"https://a.gov.vn/{CODE}/H53.16-260917-0099", "a.gov.vn"),
        (f"https://{CODE.lower()}.evil.example/", f"{CODE.lower()}.evil.example"),
        ("https://a.gov.vn/h53/260916/0012", "a.gov.vn"),
    ],
)
def test_any_other_link_shows_its_host_and_gives_no_code(text: str, host: str) -> None:
    assert read_payload(text) == Payload(PayloadKind.LINK, host=host)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (IDENTITY, PayloadKind.IDENTITY_CARD),
        (IDENTITY.replace("301234567", ""), PayloadKind.IDENTITY_CARD),
        (IDENTITY + "|Tr|M|extra", PayloadKind.IDENTITY_CARD),
        (IDENTITY + f"|{CODE}", PayloadKind.IDENTITY_CARD),
        ("080095001234||?|17051995|N?|", PayloadKind.IDENTITY_CARD),
        (HEALTH, PayloadKind.HEALTH_CARD),
        ("0123456789|4e67|", PayloadKind.HEALTH_CARD),
        (PAYMENT, PayloadKind.PAYMENT),
        (PAYMENT + CODE, PayloadKind.PAYMENT),
    ],
)
def test_personal_and_payment_codes_keep_nothing_of_their_text(
    text: str, kind: PayloadKind
) -> None:
    assert read_payload(text) == Payload(kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xin chào",
        "080095001234",
        "0901234567",
        "tel:0901234567",
        "javascript:alert(1)",
        f"ftp://a.gov.vn/{CODE}",
        f"https:///{CODE}",
        f"https://[::1/{CODE}",
        f"https://a.gov.vn:port/{CODE}",
        f"https://127.0.0.1/{CODE}",
        f"https://a.gov.vn/ {CODE}",
        f"{CODE}\n{CODE}",
        f"{CODE}\x00",
        f"hồ sơ {CODE}",
        f"{CODE} please pay",
        f"{CODE};H53.16-260917-0099",
        f"https://a.gov.vn/{CODE}?" + "x" * 300,
        "5.001193",
        "KQ.G12.000861",
        "WIFI:S:UBND;T:WPA;P:secret;;",
    ],
)
def test_everything_else_is_other(text: str) -> None:
    assert read_payload(text) == Payload(PayloadKind.OTHER)


@pytest.mark.parametrize("text", ["1.001193", "2.000815.000.00.00.H55.02", "1.012753.H19"])
def test_a_public_procedure_code_is_a_procedure(text: str) -> None:
    assert read_payload(text) == Payload(PayloadKind.PROCEDURE, procedure=text)


def test_a_payload_has_no_place_for_raw_text() -> None:
    assert [field.name for field in fields(Payload)] == [
        "kind", "codes", "host", "procedure", "slip",
    ]  # fmt: skip


def test_a_reading_names_each_code_once() -> None:
    link = read_payload(f"https://a.gov.vn/{CODE}")
    other = read_payload("H53.16-260917-0099")

    reading = PhotoReading((read_payload(CODE), link, other), False, 100, 100)

    assert [code.value for code in reading.codes] == [CODE, "H53.16-260917-0099"]
