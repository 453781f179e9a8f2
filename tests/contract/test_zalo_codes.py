"""Every code of the platform's lists has one meaning; so have those nobody told us of."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bot.channels.zalo import codes
from bot.core.errors import (
    Reach,
    SendBlocked,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
)

NOW = datetime(2026, 11, 22, 2, 30, 15, tzinfo=timezone.utc)  # 09:30 in Vietnam

FINAL = (-100, -201, -202, -207, -208, -210, -233, -238, -240, -241, -248, -249, -311, -403)
BLOCKED = (-213, -217, -222, -227, -230, -232, -244, -305)
BACK_OFF = (-200, -214)
PERSON = (-204, -205, -209, -212, -215, -219, -221, -223, -224, -235, -237, -242)
MONEY = (-320, -321)
REFRESH = (-216, -220)
WAITS = {
    -32: (Reach.ACCOUNT, datetime(2026, 11, 22, 2, 31, 1, tzinfo=timezone.utc)),
    -211: (Reach.NOTICES, datetime(2026, 11, 22, 3, 30, 15, tzinfo=timezone.utc)),
    -218: (Reach.ROW, datetime(2026, 11, 22, 17, 1, tzinfo=timezone.utc)),
    -234: (Reach.NOTICES, datetime(2026, 11, 22, 23, 1, tzinfo=timezone.utc)),
}
EXPECTED = {
    **dict.fromkeys((*FINAL, -1340, -1341), SendRefused),
    **dict.fromkeys(BLOCKED, SendBlocked),
    **dict.fromkeys(BACK_OFF, SendLater),
    **dict.fromkeys((*PERSON, *MONEY, *REFRESH), SendNeedsPerson),
    **dict.fromkeys(WAITS, SendWait),
}

ZBS = {
    **dict.fromkeys((-108, -109, -112, -114, -117, -118, -119, -126, -127, -131), SendRefused),
    **dict.fromkeys(range(-1129, -1119), SendRefused),
    **dict.fromkeys((-139, -140, -141), SendBlocked),
    **dict.fromkeys((-115, -120, -124, -135, -136, -137, -138, -146, -1351), SendNeedsPerson),
    **dict.fromkeys((-133, -144, -147, -1441, -1471, -1472), SendWait),
    -100: SendLater,
}


@pytest.mark.parametrize(("code", "kind"), EXPECTED.items())
def test_a_code_of_the_account_host(code, kind):
    error = codes.error_for(code, NOW)

    assert (type(error), error.code) == (kind, str(code))


@pytest.mark.parametrize(("code", "kind"), ZBS.items())
def test_a_code_of_the_template_host(code, kind):
    error = codes.error_for(code, NOW, codes.TEMPLATES)

    assert (type(error), error.code) == (kind, str(code))


def test_the_tables_hold_nothing_else():
    assert set(codes.TABLE) == set(EXPECTED)
    assert set(codes.TEMPLATES) == set(ZBS)


@pytest.mark.parametrize(("code", "expected"), WAITS.items())
def test_what_waits_knows_until_when_and_what_waits_with_it(code, expected):
    error = codes.error_for(code, NOW)

    assert (error.reach, error.until) == expected
    assert error.retry_after == (error.until - NOW).total_seconds()


@pytest.mark.parametrize("code", MONEY)
def test_money_stops_notices_and_not_answers(code):
    assert codes.error_for(code, NOW).reach is Reach.NOTICES


@pytest.mark.parametrize("code", PERSON)
def test_what_needs_a_person_stops_the_account_and_says_what_to_do(code):
    error = codes.error_for(code, NOW)

    assert error.reach is Reach.ACCOUNT
    assert error.advice == codes.advice_for(str(code)) != ""


@pytest.mark.parametrize("code", REFRESH)
def test_what_a_new_token_may_cure_is_known(code):
    assert codes.needs_refresh(code)
    assert not codes.needs_refresh(code, codes.TEMPLATES)


@pytest.mark.parametrize("code", [-1, 1, -999, -14014, -2147483648])
@pytest.mark.parametrize("table", [codes.TABLE, codes.TEMPLATES])
def test_an_unknown_code_is_tried_again_a_few_times_and_told(code, table, caplog):
    error = codes.error_for(code, NOW, table)

    assert type(error) is SendLater
    assert f"event=zalo_unknown_code code={code}" in caplog.text


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("", ""),
        ("http_502", ""),
        ("²", ""),
        ("-320", "Cloud Account"),
        ("token_key", "MOTCUA_TOKEN_KEY"),
    ],
)
def test_advice_is_found_by_what_the_store_keeps(code, advice):
    assert advice in codes.advice_for(code)
    assert bool(codes.advice_for(code)) == bool(advice)


@pytest.mark.parametrize(
    ("hour", "night"), [(14, False), (15, True), (22, True), (23, False), (2, False)]
)
def test_night_is_from_ten_to_six_in_vietnam(hour, night):
    moment = NOW.replace(hour=hour, minute=0)

    assert codes.is_night(moment) is night
    assert not codes.is_night(codes.next_morning(moment))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 200, 204])
def test_an_answer_of_something_in_between_is_no_yes_and_no_no(status):
    assert type(codes.error_for_status(status)) is SendUnsure
