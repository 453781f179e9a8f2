"""Two thousand ways to garble a dossier code: read right or honestly asked, never another one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.recognise import recognise
from bot.core.vietnamese import normalise
from tests.builders import (
    WORDING,
    ZONE,
    FakeCatalogue,
    FakeSource,
    a_dossier,
    a_procedure,
    an_ask,
)

SEED = 20261122
MANGLINGS = 2_000
AGENCIES = (
    "000.00.19.H39", "000.17.22.H39", "38.98.H29", "H39", "H39.21", "H53.08.112", "G09.20",
    "G01.899.909", "000.00.01.H53",
)  # fmt: skip
LABELS = (
    "mã hs {}", "hồ sơ số {} của tôi", "Mã hồ sơ: {}", "hs {} tới đâu rồi", "số biên nhận {} ạ",
    "cho em hỏi {} xong chưa", "dạ {}, nộp ngày 12 ạ", "({})", "“{}”", "{}.", "ma so ho so:{}",
    "tra giúp {} với, sđt em 0912345678", "https://tracuu.example.gov.vn/hs?ma={}",
)  # fmt: skip
DASHES = "-‐‑‒–—―−"
ALIKE = {"0": "Oo", "1": "IlL", "5": "S", "8": "B"}
CYRILLIC = str.maketrans("HOBS", "НОВЅ")

Mangle = Callable[[str, random.Random], str]


def a_code(chance: random.Random) -> str:
    day = date(2018, 7, 1) + timedelta(days=chance.randrange(3_000))
    written = f"{day:%Y%m%d}" if chance.random() < 0.2 else f"{day:%y%m%d}"
    length = chance.choice((4, 4, 4, 5, 6, 7))
    number = f"{chance.randrange(1, 10**length):0{length}d}"
    return f"{chance.choice(AGENCIES)}-{written}-{number}"


def lower(code: str, chance: random.Random) -> str:
    return code.lower()


def other_dash(code: str, chance: random.Random) -> str:
    return code.replace("-", chance.choice(DASHES))


def wide_dash(code: str, chance: random.Random) -> str:
    return code.replace("-", chance.choice((" - ", "- ", " -", "_", "/")))


def dots_for_dashes(code: str, chance: random.Random) -> str:
    return code.replace("-", ".")


def spaces(code: str, chance: random.Random) -> str:
    return code.replace(".", " ").replace("-", " ")


def no_dots(code: str, chance: random.Random) -> str:
    return code.replace(".", "")


def nothing_between(code: str, chance: random.Random) -> str:
    return code.replace(".", "").replace("-", "")


def groups(code: str, chance: random.Random) -> str:
    """As people copy: the agency in two blocks, day and number in one."""
    agency, day, number = code.split("-")
    return f"{agency.replace('.', '')} {day}{number}"


def look_alikes(code: str, chance: random.Random) -> str:
    """Letters for digits, but never for the whole of the province's number."""
    anchor = max(code.rfind("G"), code.rfind("H"))
    made = [
        chance.choice(ALIKE[char])
        if char in ALIKE and at > anchor + 2 and chance.random() < 0.5
        else "O" if char == "0" and at < anchor else char
        for at, char in enumerate(code)
    ]  # fmt: skip
    return "".join(made)


def two_lines(code: str, chance: random.Random) -> str:
    at = chance.choice([i for i, char in enumerate(code) if char in ".-"]) + 1
    return f"{code[:at]}\n{code[at:]}"


def cyrillic(code: str, chance: random.Random) -> str:
    return code.translate(CYRILLIC)


def full_width(code: str, chance: random.Random) -> str:
    plain = [char.isascii() and char.isalnum() for char in code]
    pairs = zip(code, plain, strict=True)
    return "".join(chr(ord(char) + 0xFEE0) if wide else char for char, wide in pairs)


def invisible(code: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(code))
    return code[:at] + chance.choice("\u200b\u200d\ufeff\u2060\u00ad") + code[at:]


def spaced_dots(code: str, chance: random.Random) -> str:
    return code.replace(".", chance.choice((" . ", ". ", "·", ",")))


def dictated_marks(code: str, chance: random.Random) -> str:
    return code.replace(".", " chấm ").replace("-", chance.choice((" gạch ngang ", " gạch ")))


KINDS: tuple[Mangle, ...] = (
    lower, other_dash, wide_dash, dots_for_dashes, spaces, no_dots, nothing_between, groups,
    look_alikes, two_lines, cyrillic, full_width, invisible, spaced_dots, dictated_marks,
)  # fmt: skip
# One of these after another still is what a person may send.
SECOND: tuple[Mangle, ...] = (lower, other_dash, cyrillic, full_width, invisible)


def manglings() -> list[tuple[str, str, str]]:
    chance = random.Random(SEED)
    made = []
    for number in range(MANGLINGS):
        code, kind = a_code(chance), KINDS[number % len(KINDS)]
        text = kind(code, chance)
        if chance.random() < 0.4:
            text = chance.choice(SECOND)(text, chance)
        if chance.random() < 0.6:
            text = chance.choice(LABELS).format(text)
        made.append((kind.__name__, code, normalise(text)))
    return made


def test_two_thousand_manglings_are_read_right_or_asked_about() -> None:
    outcomes: Counter[tuple[str, str]] = Counter()
    wrong = []
    for kind, code, text in manglings():
        found = DossierCode.find_all(text)
        right = found == (DossierCode(code),)
        outcomes[kind, "right" if right else "asked" if not found else "wrong"] += 1
        if found and not right:
            wrong.append((code, text, found))
    print(Counter(outcome for _, outcome in outcomes.elements()))  # noqa: T201 - docs/benchmarks.md

    assert wrong == []
    asked = sum(number for (_, outcome), number in outcomes.items() if outcome == "asked")
    assert asked <= MANGLINGS // 100


def test_no_mangling_of_one_code_ever_shows_another_dossier() -> None:
    """Each code in a register full of its neighbours: the answer names it, or asks, or says no."""
    for _, code, text in manglings()[:300]:
        own = a_dossier(code=code)
        others = [a_dossier(code=each, agency="Nơi khác") for each in neighbours(code)]
        answers = DossierAnswers(
            [FakeSource(own, *others)], FakeCatalogue(a_procedure()), WORDING, ZONE
        )
        told = "\n".join(r.text for r in answers.lookup(an_ask(text, "lookup_dossier")).replies)

        assert "Nơi khác" not in told, (code, text)


def neighbours(code: str) -> list[str]:
    """Return codes one digit away from ``code`` in its running number."""
    head, _, number = code.rpartition("-")
    near = {
        f"{head}-{number[:at]}{digit}{number[at + 1 :]}"
        for at in range(len(number))
        for digit in "0123456789"
    }
    return sorted(near - {code})


LOOK_ALIKES = (
    "1.001193", "2.000815.000.00.00.H55.02", "1.012753.H19", "KQ.G12.000861",
    "000.00.00.G09-KQ002269", "G03-GD10", "012345678901", "079203001234", "012345678",
    "0912345678", "+84 912 345 678", "7908123456", "0312345678", "0312345678-001",
    "210915-0001", "01234-210915-0001", "H39-269915-0001", "H39-120915-0001", "H39.21",
    "TN4797215012345", "12/2026/TT-BTC", "61/2018/NĐ-CP", "Phòng H39, tầng 2", "G12",
    "7/2/2026 08:30", "50.000.000 đồng", "STK 0071001234567", "biển số 62A-123.45",
)  # fmt: skip


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_refused(text: str) -> None:
    for sentence in (text, f"cho hỏi {text} tới đâu rồi", f"hồ sơ {text.lower()}", f"hs:{text}"):
        assert DossierCode.find_all(normalise(sentence)) == (), sentence


@pytest.mark.parametrize(
    "text", ["012345678901", "012345678", "0912345678", "7908123456", "0312345678"]
)
def test_personal_numbers_are_neither_searched_nor_repeated(text: str) -> None:
    answers = DossierAnswers([], FakeCatalogue(a_procedure()), WORDING, ZONE)
    for sentence in (text, f"tra hồ sơ số {text} giúp tôi"):
        assert recognise(sentence).personal
        answer = answers.lookup(an_ask(sentence, "lookup_dossier"))

        assert "không tra hồ sơ bằng số" in answer.replies[0].text
        assert text not in str(answer)
