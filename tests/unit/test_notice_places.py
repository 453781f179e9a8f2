"""The places of a notice's form: whole province, old names, and what is not guessed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.console.notice_places import read_places
from bot.core.offices.directory import Area
from bot.registry.places import NamedArea, Places

_FILE = Path(__file__).parents[2] / "data" / "province" / "areas.csv"
with _FILE.open(encoding="utf-8") as _rows:
    ROWS = list(csv.DictReader(_rows))


def _named(row):
    aliases = tuple(filter(None, (alias.strip() for alias in row["aliases"].split(";"))))
    became = tuple(slug.strip() for slug in row["became"].replace(";", " ").split())
    area = Area(row["slug"], row["name"], row["kind"], became)
    return NamedArea(area, aliases, bool(row["needs_kind"]))


PLACES = Places(map(_named, ROWS), [])


def read(text):
    wrong = {}
    return read_places(text, PLACES, wrong), wrong


@pytest.mark.parametrize(
    "text",
    ["", " ; ", "toàn tỉnh", "Toàn Tỉnh", "cả tỉnh", "Tỉnh Tây Ninh", "tỉnh tây ninh", "Tây Ninh",
     "toàn tỉnh Tây Ninh", "tinh-tay-ninh"],
)  # fmt: skip
def test_the_whole_province_leaves_nobody_out(text):
    assert read(text) == ((), {})


def test_every_place_is_read_back_from_its_own_name():
    for row in ROWS:
        if row["kind"] in ("commune", "ward"):
            assert read(row["name"]) == ((row["slug"],), {}), row["name"]
        elif row["kind"] in ("old_commune", "old_district"):
            areas, wrong = read(row["name"])
            assert areas, row["name"]
            assert wrong == {}


@pytest.mark.parametrize(
    "text",
    ["xã Bến Lức; phường Tân An", "xã Bến Lức, phường Tân An", "xã Bến Lức\nphường Tân An",
     "xa ben luc, P. Tân An;"],
)  # fmt: skip
def test_names_may_stand_between_semicolons_commas_and_lines(text):
    assert read(text) == (("xa-ben-luc", "phuong-tan-an"), {})


@pytest.mark.parametrize(
    "text",
    [
        *("Long An", "tỉnh Long An", "Tỉnh Long An (cũ)", "tinh-long-an"),  # an old province
        *("xã Bến Lức và phường Tân An", "phường Tân An và xã Lạ"),  # more than one
        *("Bến Lức", "Tân An", "xa tan thanh"),  # one of several
        "toàn tỉnh trừ xã Bến Lức",
        "xã Bến Lức, tỉnh Tây Ninh",  # an address, or everybody?
    ],
)
def test_what_is_not_clear_is_asked_again(text):
    areas, wrong = read(text)

    assert "areas_unclear" in wrong
    assert areas == ()


def test_an_unknown_place_is_named():
    assert read("phường Tân An; xã Lạ Lùng")[1] == {"areas": "xã Lạ Lùng"}
