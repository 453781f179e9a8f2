"""Slips: only ours verify, older keys go on, one wrong letter is a forgery."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import LONGEST_TOKEN, MAC_BITS, SlipImpossible, Slips, code_in
from bot.core.photos.payload import PayloadKind, read_payload
from tests.receipts import a_code

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CODE = DossierCode("H53.16-260916-0012")
CODES = st.integers(0, 10**6).map(lambda seed: DossierCode(a_code(random.Random(seed))))


def slips(*kids: str, revoked: frozenset[str] = frozenset()) -> Slips:
    """Return slips whose first key signs; every key follows from its id."""
    keys = {kid: f"secret of {kid.lower()}".encode() for kid in kids or ("a",)}
    return Slips(keys, next(iter(keys)), revoked.__contains__)


@given(CODES)
def test_what_was_signed_verifies_and_names_its_code(code: DossierCode) -> None:
    token = slips().sign(code)

    assert slips().verify(token) == code
    assert slips().verify(token.lower()) == code
    assert code_in(token) == code
    assert token.startswith(f"{code.value}.A.")
    assert len(token) <= LONGEST_TOKEN


def test_the_signature_has_at_least_eighty_bits() -> None:
    mac = slips().sign(CODE).rsplit(".", 1)[1]

    assert len(base64.b32decode(mac)) * 8 == MAC_BITS >= 80


@given(CODES, st.data())
def test_one_letter_changed_is_a_forgery(code: DossierCode, data: st.DataObject) -> None:
    token = slips().sign(code)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(sorted(set(ALPHABET) | set("0189.-"))))
    other = token[:at] + letter + token[at + 1 :]
    assume(other != token)

    found = slips().verify(other)

    # O for 0 is the same code written another way; anything else is refused.
    assert found is None or (
        found == code and other.rsplit(".", 2)[1:] == token.rsplit(".", 2)[1:]
    )


@given(CODES, CODES)
def test_a_signature_is_worth_nothing_on_another_code(one: DossierCode, two: DossierCode) -> None:
    assume(one != two)
    moved = f"{two.value}.{slips().sign(one).split('.', one.value.count('.') + 1)[-1]}"

    assert slips().verify(moved) is None


@given(st.text(max_size=120))
def test_garbage_is_no_slip_and_does_no_harm(text: str) -> None:
    assert slips().verify(text) is None
    code_in(text)


def test_rotated_keys_go_on_verifying_until_they_are_left_out() -> None:
    old = slips("a").sign(CODE)

    both = slips("b", "a")
    assert both.verify(old) == CODE
    assert both.sign(CODE).rsplit(".", 2)[1] == "B"
    assert both.kids == ("B", "A")
    assert slips("b").verify(old) is None


def test_another_desk_with_the_same_key_id_does_not_verify() -> None:
    ours = slips("a").sign(CODE)

    assert Slips({"a": b"another secret"}, "a", lambda digest: False).verify(ours) is None


def test_a_revoked_slip_proves_nothing_and_a_newer_key_makes_another() -> None:
    token = slips("a").sign(CODE)
    revoked = frozenset({slips("a").digest(CODE, "a")})

    assert slips("a", revoked=revoked).verify(token) is None
    with pytest.raises(SlipImpossible, match="revoked"):
        slips("a", revoked=revoked).sign(CODE)
    rotated = slips("b", "a", revoked=revoked)
    assert rotated.verify(token) is None
    assert rotated.verify(rotated.sign(CODE)) == CODE


def test_a_digest_does_not_tell_its_code() -> None:
    digest = slips().digest(CODE, "a")

    assert CODE.key not in digest
    assert digest != Slips({"a": b"another"}, "a", lambda _: False).digest(CODE, "a")


def test_a_code_with_spaces_is_written_so_that_a_link_can_hold_it() -> None:
    code = DossierCode("000 00 19 H34 210915 0001")

    assert slips().verify(slips().sign(code)) == code
    assert " " not in slips().sign(code)


@pytest.mark.parametrize("text", ["1.001193", "HS 2026/77", "0901234567", "", "Đơn 7"])
def test_what_is_no_dossier_code_is_not_signed(text: str) -> None:
    with pytest.raises(SlipImpossible):
        slips().sign(DossierCode(text))


@pytest.mark.parametrize("kids", [{"a b": b"x"}, {"": b"x"}, {"a": b"x", "A": b"y"}])
def test_key_ids_that_would_be_ambiguous_are_refused(kids: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key ids"):
        Slips(kids, next(iter(kids)), lambda digest: False)


@pytest.mark.parametrize(
    "address",
    ["https://motcua.tayninh.gov.vn", "https://tayninh.gov.vn/motcua", "https://x.vn:443"],
)
def test_a_link_of_our_form_carries_its_slip_whatever_its_host(address: str) -> None:
    token = slips().sign(CODE)

    payload = read_payload(f"{address}/q/{token}")

    assert payload.kind is PayloadKind.DOSSIER
    assert payload.codes == (CODE,)
    assert payload.slip == token
    assert token not in repr(payload)


@pytest.mark.parametrize(
    "link",
    [
        "https://a.gov.vn/tra-cuu?ma=H53.16-260916-0012",
        "https://a.gov.vn/q/H53.16-260916-0012",
        "https://a.gov.vn/x/H53.16-260916-0012.A.ABCDEFGHIJKLMNOP",
        "https://a.gov.vn/?q=/q/H53.16-260916-0012.A.ABCDEFGHIJKLMNOP",
        "H53.16-260916-0012",
    ],
)
def test_any_other_link_or_a_bare_code_carries_none(link: str) -> None:
    assert read_payload(link).slip == ""
    assert read_payload(link).codes == (CODE,)
