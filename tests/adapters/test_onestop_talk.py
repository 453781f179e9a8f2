"""What a citizen reads while the one-stop system is well, down, slow, wrong or half there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.dossier import DossierSource
from bot.sources.register import RegisterSource
from tests.adapters.onestop_parts import CODE, OTHER, PLANTED, QUICK, STRANGE, closing, joined
from tests.adapters.registry_parts import built_registry
from tests.builders import WORDING, ZONE, FakeCatalogue, an_ask
from tests.onestop import OneStop

BAD_MOODS = (
    "down", "hang", "slow", "drip", "error", "html", "half", "empty", "wrong_code", "wrong_types",
    "wrong_shape", "system_error", "missing",
)  # fmt: skip
IN_THE_REGISTER = "000.00.19.H39-260915-0001"


@pytest.fixture
def system() -> Iterator[OneStop]:
    with OneStop() as running:
        yield running


def said(what: str, *sources: DossierSource) -> str:
    answers = DossierAnswers(sources, FakeCatalogue(), WORDING, ZONE)
    return "\n".join(reply.text for reply in answers.lookup(an_ask(what)).replies)


def test_a_system_that_is_well(system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path)) as source:
        text = said(f"hs {CODE.value} tới đâu rồi", source)

    assert "H39.21-261102-0301 đang được giải quyết" in text
    assert "không trả lời" not in text
    assert not [word for word in PLANTED if word in text]


@pytest.mark.parametrize("mood", BAD_MOODS)
def test_a_system_that_is_not_well(mood: str, system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path, fresh=0.0)) as source:
        said(CODE.value, source)
        system.feel(mood, seconds=2 * QUICK)
        known = said(CODE.value, source)
        unknown = said(OTHER.value, source)

    assert "đang được giải quyết" in known
    assert "Hệ thống hồ sơ đang không trả lời" in known
    assert "hệ thống hồ sơ đang không trả lời" in unknown
    assert "không bị ảnh hưởng" in unknown
    for text in (known, unknown):
        assert "tìm thấy" not in text
        assert not [word for word in PLANTED if word in text]


def test_a_code_nobody_has(system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path)) as source:
        assert "không trả lời" not in said(STRANGE.value, source)


def test_the_register_answers_while_the_system_is_down(system: OneStop, tmp_path: Path) -> None:
    system.feel("down")
    register = RegisterSource(built_registry())
    with closing(joined(system, tmp_path)) as source:
        here = said(IN_THE_REGISTER, source, register)
        nowhere = said(STRANGE.value, source, register)

    assert "không trả lời" not in here
    assert "đang không trả lời" in nowhere


def test_half_a_list_of_codes_in_one_message(system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path)) as source:
        text = said(f"{CODE.value} và {STRANGE.value}", source)

    assert "đang được giải quyết" in text
    assert STRANGE.value in text
