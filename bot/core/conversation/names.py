"""Finds people's names and street addresses in what citizens write, for masking them.

Words are compared with their marks; without marks only in a text that has none at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

Spans = Iterator[tuple[int, int]]
Finder = Callable[[str], Spans]

_WORD = r"[^\W_]+"
_UP_TO_FOUR = rf"({_WORD}(?:\s+{_WORD}){{0,3}})"


def folded(text: str) -> str:
    """Return ``text`` in small letters without marks, each character in its old place.

    >>> folded("ĐẶNG Thị")
    'dang thi'
    """
    return "".join(_bare(char) for char in text)


def _bare(char: str) -> str:
    first = unicodedata.normalize("NFD", char.lower())[:1]
    return "d" if first == "đ" else first


def _lower(text: str) -> str:
    return "".join(char.lower()[:1] for char in text)


def _either(words: Iterable[str]) -> str:
    """Return a pattern of the words with and without their marks, longest first."""
    both = {form for word in words for form in (word, folded(word))}
    return "(?:" + "|".join(sorted(both, key=len, reverse=True)).replace(" ", r"\s+") + ")"


# Families usual enough to be sure of, even where everything is in capitals.
_FIRM = (
    "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ",
    "ngô", "dương", "đinh", "đoàn", "trịnh", "trương", "lương",
)  # fmt: skip
_FAMILIES = (
    *_FIRM,
    "hồ", "lý", "đào", "lâm", "mai", "hà", "cao", "tô", "tạ", "châu", "thái", "quách", "kiều",
    "phùng", "tăng", "từ", "lưu", "vương", "thạch", "kim", "sơn", "chu", "đàm", "nghiêm", "triệu",
    "tống", "hứa", "mạc", "diệp", "giang", "khổng", "lục", "ninh", "tiêu", "tôn", "bạch", "nông",
    "danh", "doãn", "giàng", "lữ",
)  # fmt: skip
_NOT_NAMES = frozenset(("hồ sơ", "ho so", "le phi", "do dac", "do dat", "mai mot"))
_MIDDLE = (
    "văn", "thị", "đức", "hữu", "ngọc", "minh", "quốc", "thanh", "xuân", "kim", "đình", "công",
    "thùy", "hồng", "mỹ", "bảo", "gia", "hoàng", "anh", "thu", "tấn", "phước", "quang",
)  # fmt: skip
_ADDRESSES = (
    "ông", "bà", "anh", "chị", "cô", "chú", "bác", "dì", "cậu", "mợ", "em", "cháu", "bé", "con",
    "thầy", "chồng", "vợ", "mẹ", "bố", "cha", "má", "thím", "cán bộ",
)  # fmt: skip
_WHO = (*_ADDRESSES, "tôi", "mình", "tui", "họ", "họ và", "cô ấy", "anh ấy", "đầy đủ", "thật")
_ASKED = frozenset(("gi", "gì", "sao", "nao", "nào", "ai", "dau", "đâu", "bao", "may", "mấy"))
_LANES = (
    "đường", "phố", "hẻm", "ngõ", "ngách", "kiệt", "ấp", "thôn", "xóm", "buôn", "tổ", "khu phố",
)  # fmt: skip

_NAMED = re.compile(
    rf"(?<!\w)(?:tên(?:\s+{_either(_WHO)})?(?:\s+là\b|\s*:)|{_either(_WHO)}\s+tên(?:\s+là\b)?"
    rf"|tên\s+{_either(_WHO)})[\s:]+(?!là\b){_UP_TO_FOUR}"
    rf"|(?<!\w)(?:ten(?:\s+{_either(_WHO)})?(?:\s+la\b|\s*:)|{_either(_WHO)}\s+ten(?:\s+la\b)?"
    rf"|ten\s+{_either(_WHO)})[\s:]+(?!la\b){_UP_TO_FOUR}"
)
_SPOKEN_OF = re.compile(
    rf"(?<!\w)(?:tên|ten|{_either(('tôi là', 'em là', 'mình là', 'tui là'))})[\s:]+{_UP_TO_FOUR}"
)
_ADDRESSED = re.compile(rf"(?<!\w){_either(_ADDRESSES)}\s+{_UP_TO_FOUR}")
# "phan anh" is what people write for "phản ánh".
_SURE_WHEN_SMALL = "|".join(name for name in _FIRM if name != "phan")
_NO_FAMILY = "quan|nhan|don|ban|tac|vat|lieu|gia|tat|trang|thuy|von|can"
_SMALL = re.compile(
    rf"(?<!\w)(?:{_either(_FAMILIES)}\s+{_either(('văn', 'thị'))}"
    rf"|(?:{_SURE_WHEN_SMALL})\s+(?:{'|'.join(_MIDDLE)})"
    rf"|nguyễn|nguyen(?!\s+(?:{_NO_FAMILY})\b))\s+{_WORD}(?:\s+{_WORD})?(?!\w)"
)

_HOUSE = re.compile(
    rf"(?<!\w){_either(('số nhà', 'nhà số', 'ngụ tại', 'ngụ ở', 'địa chỉ nhà'))}[\s:]+"
    rf"({_WORD}(?:[\s/.-]+{_WORD}){{0,8}})"
)
_LIVING_AT = re.compile(
    rf"(?<!\w){_either(('địa chỉ',))}(?:\s+{_either(('tôi', 'em', 'nhà', 'mình'))})?\s*"
    rf"(?::|{_either(('là', 'ở', 'tại'))}\s)\s*({_WORD}(?:[\s/.-]+{_WORD}){{0,8}})"
)
_STREET = re.compile(rf"(?<!\w)\d[\w/.-]*\s+{_either(_LANES)}\s+{_WORD}(?:\s+{_WORD}){{0,2}}")
_LANE = re.compile(rf"(?<!\w){_either(_LANES)}\s+{_UP_TO_FOUR}")


def _said(pattern: re.Pattern[str]) -> Finder:
    """Find the words that follow what ``pattern`` says, in capitals or not."""

    def find(text: str) -> Spans:
        for match in pattern.finditer(_lower(text)):
            group = match.lastindex or 0
            if match.group(group).split()[0] not in _ASKED:
                yield match.span(group)

    return find


def _capitalised(pattern: re.Pattern[str]) -> Finder:
    """Find the words in capitals that follow what ``pattern`` says.

    Where everything is in capitals they mean nothing: then only the first word counts.
    """

    def find(text: str) -> Spans:
        most = 1 if _is_shouted(text) else 4
        for match in pattern.finditer(_lower(text)):
            words = list(re.finditer(_WORD, text[: match.end(1)]))
            run = _capitals(text, [word for word in words if word.start() >= match.start(1)])
            if run and run[0].group().lower() not in _ASKED:
                yield run[0].start(), run[:most][-1].end()

    return find


def _families(text: str) -> Spans:
    """Yield two to four words in capitals of which the first is a family's name."""
    names = frozenset(_FIRM if _is_shouted(text) else _FAMILIES)
    if folded(text) == _lower(text):
        names |= frozenset(map(folded, names))
    words, after = list(re.finditer(_WORD, text)), 0
    for index, word in enumerate(words):
        if word.start() < after or word.group().lower() not in names:
            continue
        run = _capitals(text, words[index : index + 4])
        if len(run) > 1 and " ".join(item.group().lower() for item in run[:2]) not in _NOT_NAMES:
            after = run[-1].end()
            yield word.start(), after


def _capitals(text: str, words: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """Return the words in capitals ``words`` begins with, as long as only spaces part them."""
    run: list[re.Match[str]] = []
    for word in words:
        joined = not run or text[run[-1].end() : word.start()].isspace()
        if not joined or not word.group()[0].isupper():
            break
        run.append(word)
    return run


def _is_shouted(text: str) -> bool:
    return not any(char.islower() for char in text)


PEOPLE: Sequence[Finder] = (
    _said(_NAMED),
    _families,
    _capitalised(_SPOKEN_OF),
    _capitalised(_ADDRESSED),
    _said(_SMALL),
)
PLACES: Sequence[Finder] = (_said(_HOUSE), _said(_LIVING_AT), _said(_STREET))
STREETS: Sequence[Finder] = (_capitalised(_LANE),)
