"""Slips by link and by photo: ours prove, others are a bare code with a warning."""

from __future__ import annotations

import json

import pytest

from bot.core.conversation.pasted import pasted
from bot.core.dossiers.codes import DossierCode
from bot.core.photos.payload import Payload, PayloadKind, read_payload
from tests.builders import a_dossier
from tests.unit.gate_parts import ADDRESS, CODE, OTHER, SLIP, UNIT, World

WARNING = "không có xác nhận còn hiệu lực"
FORGED = f"{CODE}.a.FORGED"


@pytest.mark.parametrize(
    "text",
    [
        f"{ADDRESS}/q/{SLIP}",
        f"xem giúp {ADDRESS}/q/{SLIP}.",
        f"desk.example/q/{SLIP.lower()}",
        f"/q/{SLIP}",
        f"https://motcua.tayninh.gov.vn/q/{SLIP}",
    ],
)
def test_a_pasted_slip_proves_like_its_photo(text: str) -> None:
    world = World()
    said = world.say(text)

    assert UNIT in said
    assert WARNING not in said
    assert SLIP not in str(world.context)


@pytest.mark.parametrize(
    "text",
    [
        f"{ADDRESS}/q/{FORGED}",
        f"{ADDRESS}/q/{CODE}.A",
        f"https://evil.example/q/{SLIP}",
        f"https://evil.example/q/{CODE}",
        f"http://10.0.0.5:8000/q/{SLIP}",
        f"https://desk.example@evil.example/q/{SLIP}",
        f"https://desk.example.evil.example/q/{SLIP}",
    ],
)
def test_a_forged_or_strange_link_is_a_bare_code_with_a_warning(text: str) -> None:
    said = World().say(text)

    assert f"hồ sơ {CODE} đang được giải quyết" in said
    assert UNIT not in said
    assert said.count(WARNING) == 1


@pytest.mark.parametrize("link", [f"{ADDRESS}/q/{FORGED}", f"https://evil.example/q/{SLIP}"])
def test_the_photo_of_such_a_link_is_warned_about_too(link: str) -> None:
    said = World().show(read_payload(link))

    assert UNIT not in said
    assert WARNING in said


@pytest.mark.parametrize(
    "text",
    [f"{ADDRESS}/q/{CODE}", f"https://dichvucong.gov.vn/tra-cuu?ma={CODE}", f"/q/{CODE}"],
)
def test_a_link_without_a_signature_is_a_bare_code(text: str) -> None:
    said = World().say(text)

    assert CODE in said
    assert UNIT not in said
    assert WARNING not in said


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/nhan-qua",
        f"tin này thật không https://evil.example/tra-cuu?ma={CODE}",
        f"{ADDRESS}/q/{SLIP} và {OTHER}",
        f"{ADDRESS}/q/{CODE} {ADDRESS}/q/{OTHER}",
        "https://[::1/q/x",
        "và/hoặc",
        CODE,
    ],
)
def test_everything_else_is_left_to_the_talk(text: str) -> None:
    assert pasted(text, ADDRESS) is None


def test_a_desk_without_a_public_address_knows_its_own_links() -> None:
    found = pasted(f"http://127.0.0.1:8000/q/{SLIP}", "http://127.0.0.1:8000")

    assert found is not None
    assert (found.host, found.slip, found.codes) == ("", SLIP.upper(), (DossierCode(CODE),))


@pytest.mark.parametrize("by_button", [True, False])
def test_choosing_from_two_codes_keeps_the_signature(by_button: bool) -> None:
    world = World(dossiers=[a_dossier(code=OTHER)])
    slip = Payload(PayloadKind.DOSSIER, (DossierCode(CODE),), slip=SLIP)
    world.show(slip, read_payload(OTHER))
    button = world.turn.replies[0].buttons[0].payload or ""

    assert SLIP not in button
    assert json.loads(world.context["choices"])
    assert UNIT in world.say(button if by_button else "1")
