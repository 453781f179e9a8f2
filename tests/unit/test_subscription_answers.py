"""Following topics: the text agreed to, how often news comes, places, and the way out."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.announcements.consent import Subscription, digest_of
from bot.core.announcements.pace import Pace
from bot.core.conversation.stops import Stops
from bot.core.desk import Answer
from bot.wiring.desk import read_consent, read_paces, read_words
from tests.builders import EPIDEMIC, STORM, WORDING, ZONE, FakeDirectory, FakeNews, an_ask

SINCE = datetime(2026, 11, 1, tzinfo=timezone.utc)
CONSENT = Path("bot/wording/announcements/consent.vi.j2")
WARD = "phuong-long-an"


def wish(topic: str = STORM.slug, area: str | None = None, pace: Pace = Pace.AT_ONCE):
    return Subscription(topic, area, pace, SINCE, "2026-11", "zalo")


def desk(*wishes: Subscription) -> AnnouncementAnswers:
    news = FakeNews(wishes=wishes)
    return AnnouncementAnswers(
        news,
        news,
        news,
        FakeDirectory(),
        WORDING,
        ZONE,
        paces=read_paces(),
        consent="v7",
        is_doubtful=Stops(read_words("stop")).is_doubtful,
    )


def text(answer: Answer) -> str:
    return "\n".join(reply.text for reply in answer.replies)


def titles(answer: Answer) -> list[str]:
    return [button.title for reply in answer.replies for button in reply.buttons]


def press(answer: Answer, title: str) -> str:
    return next(b.payload for r in answer.replies for b in r.buttons if b.title == title)


def pressed(payload: str):
    """The question a button asks."""
    intent, _, rest = payload.lstrip("/").partition("{")
    return an_ask("", intent, entities=list(json.loads("{" + rest).items()) if rest else [])


def test_the_version_of_the_consent_changes_with_its_words() -> None:
    told = digest_of(CONSENT.read_text(encoding="utf-8"))
    assert read_consent().digest == told, (
        f"the consent text changed: raise `version` in consent.yml and write digest {told}"
    )


def test_subscribing_shows_the_consent_and_keeps_its_version() -> None:
    answer = desk().subscribe(an_ask("", entities=[("topic", "bão")]))

    assert CONSENT.read_text(encoding="utf-8").strip() in text(answer)
    assert answer.effects[0]["consent"] == "v7"
    assert titles(answer)[:3] == ["Gửi ngay", "Mỗi ngày một bản", "Mỗi tuần một bản"]


def test_the_button_after_subscribing_changes_the_pace_of_that_place() -> None:
    first = desk().subscribe(an_ask("", entities=[("topic", "bão"), ("area", "phường Long An")]))
    payload = press(first, "Mỗi ngày một bản")
    answer = desk(wish(area=WARD)).subscribe(pressed(payload))

    change = {"effect": "set_pace", "topic": STORM.slug, "area": WARD, "pace": "daily"}
    assert answer.effects == (change,)
    assert "mỗi ngày một bản lúc 7 giờ sáng. Tin khẩn vẫn gửi ngay" in text(answer)


def test_the_pace_may_be_named_with_the_topic() -> None:
    ask = an_ask("báo tin bão cho tui mỗi tuần một lần", entities=[("topic", "bão")])
    (effect,) = desk().subscribe(ask).effects

    assert (effect["effect"], effect["pace"]) == ("subscribe", "weekly")


def test_words_alone_change_what_is_followed() -> None:
    answer = desk(wish()).subscribe(an_ask("gui gop moi ngay thoi", "subscribe_topic"))

    assert answer.effects == (
        {"effect": "set_pace", "topic": STORM.slug, "area": None, "pace": "daily"},
    )


def test_with_several_topics_it_asks_which_and_all_is_one_of_them() -> None:
    two = desk(wish(), wish(EPIDEMIC.slug))
    asked = two.subscribe(an_ask("hằng tuần thôi", "subscribe_topic"))
    choices = json.loads(asked.context["choices"])

    assert asked.effects == ()
    assert "3. Tất cả" in text(asked)
    everything = two.subscribe(pressed(choices[2])).effects
    assert everything == ({"effect": "set_pace", "topic": None, "area": None, "pace": "weekly"},)
    (one,) = two.subscribe(pressed(choices[1])).effects
    assert (one["topic"], one["pace"]) == (STORM.slug, "weekly")


@pytest.mark.parametrize(
    "said", ["thôi gửi lẻ, gộp mỗi ngày đi", "dung gui le nua, gom theo tuan"]
)
def test_gathering_is_not_ending(said: str) -> None:
    (effect,) = desk(wish()).unsubscribe(an_ask(said, "unsubscribe_topic")).effects

    assert effect["effect"] == "set_pace"


@pytest.mark.parametrize(
    "said",
    ["đừng gửi mỗi ngày nữa", "ngưng gửi tin hằng ngày", "ngay nao cung gui phien qua, ngung di"],
)
def test_complaining_how_often_is_still_stopping(said: str) -> None:
    answer = desk(wish()).unsubscribe(an_ask(said, "unsubscribe_topic"))

    assert answer.effects == ({"effect": "stop"},)


def test_a_question_about_the_list_changes_nothing() -> None:
    for said in ("tôi đang nhận tin gộp mỗi ngày phải không", "tin gom hằng tuần là gì"):
        assert desk(wish()).mine(an_ask(said, "my_subscriptions")).effects == ()


def test_the_list_says_topic_place_pace_and_since_when() -> None:
    answer = desk(wish(), wish(area=WARD, pace=Pace.WEEKLY)).mine(an_ask())

    assert "1. Thiên tai (cả tỉnh), gửi ngay, từ 01/11/2026" in text(answer)
    assert "2. Thiên tai (phường Long An), mỗi tuần một bản, từ 01/11/2026" in text(answer)
    one, two = map(pressed, json.loads(answer.context["choices"]))
    assert [one.first("area"), two.first("area")] == ["*", WARD]


def test_a_number_of_the_list_ends_that_place_only() -> None:
    wishes = (wish(), wish(area=WARD))
    choices = json.loads(desk(*wishes).mine(an_ask()).context["choices"])
    answer = desk(*wishes).unsubscribe(pressed(choices[1]))

    assert answer.effects == ({"effect": "unsubscribe", "topic": STORM.slug, "area": WARD},)
    assert "Anh/chị vẫn nhận:\n• Thiên tai (cả tỉnh)" in text(answer)
    (whole,) = desk(*wishes).unsubscribe(pressed(choices[0])).effects
    assert whole["area"] == ""


def test_the_pace_is_changed_by_number_too() -> None:
    wishes = (wish(), wish(area=WARD))
    which = desk(*wishes).mine(pressed('/my_subscriptions{"pace": "?"}'))
    card = desk(*wishes).mine(pressed(json.loads(which.context["choices"])[1]))

    assert "(phường Long An) từ ngày 01/11/2026, gửi ngay" in text(card)
    (effect,) = desk(*wishes).subscribe(pressed(press(card, "Mỗi tuần một bản"))).effects
    assert effect == {
        "effect": "set_pace",
        "topic": STORM.slug,
        "area": WARD,
        "pace": "weekly",
    }


def test_an_old_place_is_followed_and_left_under_todays_name() -> None:
    entities = [("topic", "bão"), ("area", "TP Tân An")]
    (begun,) = desk().subscribe(an_ask("báo tin bão ở TP Tân An", entities=entities)).effects
    (ended,) = desk(wish(area=WARD)).unsubscribe(an_ask("thôi tin", entities=entities)).effects

    assert begun["area"] == ended["area"] == WARD


def test_leaving_a_place_is_not_leaving_everything() -> None:
    ask = an_ask("thôi gửi tin ở phường Long An", entities=[("area", "phường Long An")])
    here = desk(wish(), wish(area=WARD)).unsubscribe(ask)
    elsewhere = desk(wish()).unsubscribe(ask)

    assert here.effects == ({"effect": "unsubscribe", "topic": STORM.slug, "area": WARD},)
    assert elsewhere.effects == ()
    assert "không nhận tin riêng của phường Long An" in text(elsewhere)


def test_only_what_is_known_is_already_followed() -> None:
    """Who follows one place and asks for the topic wants the whole province as well."""
    answer = desk(wish(area=WARD)).subscribe(an_ask("", entities=[("topic", "bão")]))

    assert [effect["area"] for effect in answer.effects] == [None]
    assert "đã đăng ký" in text(answer)
    again = desk(wish(area=WARD)).subscribe(
        an_ask("", entities=[("topic", "bão"), ("area", WARD)])
    )
    assert "rồi ạ" in text(again)


@pytest.mark.parametrize(
    "said",
    [
        "không nhận được tin",
        "còn gửi tin nữa không",
        "có gửi tin nữa hông",
        "sao không gửi tin nữa",
        "chua nhan duoc thong bao",
        "dịch vụ ngưng rồi hả",
    ],
)
def test_a_guess_ends_nothing_where_the_words_ask(said: str) -> None:
    """The model takes these for a STOP; the list says how to end it."""
    answer = desk(wish()).unsubscribe(an_ask(said, "unsubscribe_topic"))

    assert answer.effects == ()
    assert "nhắn DỪNG" in text(answer)


@pytest.mark.parametrize(
    "said", ["tui hổng ưa nhận mấy tin này", "thôi khỏi gửi", "đừng báo gì cho tôi hết trơn"]
)
def test_a_guess_that_wishes_ends_everything(said: str) -> None:
    answer = desk(wish()).unsubscribe(an_ask(said, "unsubscribe_topic"))

    assert answer.effects == ({"effect": "stop"},)


def test_gathering_may_be_wished_at_any_time() -> None:
    shown = ["/my_subscriptions"]

    assert read_paces().press("gửi gộp mỗi ngày thôi", shown) == (
        '/subscribe_topic{"pace": "daily"}'
    )
    assert read_paces().press("hằng ngày", shown) is None
    assert read_paces().press("gộp hồ sơ theo tuần", shown) is None


def test_a_topic_looked_at_is_not_followed_by_a_word_about_how_often() -> None:
    ask = an_ask(
        "", "subscribe_topic", entities=[("pace", "daily")], context={"topic": EPIDEMIC.slug}
    )
    (effect,) = desk(wish()).subscribe(ask).effects

    assert (effect["effect"], effect["topic"]) == ("set_pace", STORM.slug)


def test_a_pace_pressed_for_the_only_place_does_not_widen_it_to_the_province() -> None:
    """The list, then the line, then the pace: each press keeps saying which wish is meant."""
    followed = desk(wish(area=WARD))
    (line,) = json.loads(followed.mine(an_ask("", "my_subscriptions")).context["choices"])
    one = followed.mine(pressed(line.replace("unsubscribe_topic", "my_subscriptions")))

    (effect,) = followed.subscribe(pressed(press(one, "Mỗi ngày một bản"))).effects
    assert (effect["effect"], effect["area"]) == ("set_pace", WARD)


def test_a_pace_pressed_after_several_places_changes_those_and_adds_none() -> None:
    followed = desk(wish(area=WARD), wish(area="xa-ben-luc"))
    button = pressed('/subscribe_topic{"topic": "%s", "pace": "daily"}' % STORM.slug)  # noqa: UP031

    answer = followed.subscribe(button)
    assert [effect["effect"] for effect in answer.effects] == ["set_pace"]
    assert "đã đổi cách gửi" in text(answer)


def test_the_wish_for_the_whole_province_may_be_repaced_beside_one_for_a_place() -> None:
    followed = desk(wish(), wish(area=WARD))
    lines = json.loads(followed.mine(an_ask("", "my_subscriptions")).context["choices"])
    line = next(each for each in lines if "*" in each)
    one = followed.mine(pressed(line.replace("unsubscribe_topic", "my_subscriptions")))

    answer = followed.subscribe(pressed(press(one, "Mỗi tuần một bản")))
    (effect,) = answer.effects
    assert (effect["effect"], effect["area"], effect["pace"]) == ("set_pace", "", "weekly")
    assert "(cả tỉnh)" in text(answer)


def test_asking_for_the_whole_province_gathered_is_a_new_wish_beside_a_place() -> None:
    ask = an_ask("đăng ký tin bão cả tỉnh mỗi ngày một bản", entities=[("topic", "bão")])
    (effect,) = desk(wish(area=WARD)).subscribe(ask).effects

    assert (effect["effect"], effect["area"], effect["pace"]) == ("subscribe", None, "daily")


@pytest.mark.parametrize("named", [("area", "Cà Mau"), ("topic", "bóng đá")])
def test_ending_what_nobody_knows_ends_nothing_and_shows_what_there_is(
    named: tuple[str, str],
) -> None:
    ask = an_ask("thôi nhận tin này", "unsubscribe_topic", entities=[named])
    answer = desk(wish(), wish(EPIDEMIC.slug)).unsubscribe(ask)

    assert answer.effects == ()
    assert "đang nhận tin về" in text(answer)


def test_a_followed_topic_the_model_overlooked_is_all_that_ends() -> None:
    followed = desk(wish(), wish(EPIDEMIC.slug))
    said = "đừng gửi tin sốt xuất huyết nữa"
    (effect,) = followed.unsubscribe(an_ask(said, "unsubscribe_topic")).effects
    unmarked = followed.unsubscribe(an_ask("dung bao cho toi nua", "unsubscribe_topic")).effects

    assert effect == {"effect": "unsubscribe", "topic": EPIDEMIC.slug}
    assert unmarked == ({"effect": "stop"},), "bao without marks need not be bão"
