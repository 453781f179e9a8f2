"""Publishing a notice, and answering questions about a citizen's data, from the command line."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from click.testing import CliRunner

from bot.cli.notices import notices
from bot.cli.privacy import privacy
from bot.core.announcements.announcement import Topic
from bot.core.messages import Reply
from bot.core.offices.directory import Area
from bot.store import open_store
from tests.contract import store_builders
from tests.contract.store_builders import lease_deliveries, talk

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)
NOTICE = "Mưa lớn chiều nay\n\nBà con kê cao đồ đạc.\nGọi 114 khi cần.\n"


STORM = Topic("thien-tai", "Thiên tai", ("bão", "lũ"))
SPLIT = Area("xa-cu", "xã Cũ", "old_commune", ("xa-mot", "xa-hai"))
WHOLE = Area("ben-luc", "xã Bến Lức", "commune")


def follow(store, sender, topic, *area, silent_for=timedelta(0), **changes):
    """Follow a topic as somebody who wrote a moment ago, or ``silent_for`` before."""
    wrote = datetime.now(timezone.utc) - silent_for
    return store_builders.follow(store, sender, topic, *area, sent_at=wrote, now=wrote, **changes)


class SmallRegistry:
    """One topic, a commune, and an old commune that became two."""

    def __init__(self, path):
        self.topics = self

    def all(self):
        return [STORM]

    def find(self, text):
        return STORM if text in (STORM.slug, STORM.name, *STORM.aliases) else None

    def find_areas(self, text):
        return [area for area in (SPLIT, WHOLE) if text in (area.slug, area.name)]

    def successors(self, area):
        return [Area(slug, slug, "commune") for slug in area.became] or [area]


@pytest.fixture(autouse=True)
def small_registry(monkeypatch):
    monkeypatch.setattr("bot.cli.notices.Registry", SmallRegistry)


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path


@pytest.fixture
def store(data_dir):
    made = open_store(f"sqlite:///{data_dir / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def topic():
    return STORM.slug


@pytest.fixture
def run(data_dir):
    def run_it(group, *words, answer=None):
        runner = CliRunner(env={"MOTCUA_DATA_DIR": str(data_dir), "MOTCUA_DATABASE_URL": ""})
        return runner.invoke(group, [str(word) for word in words], input=answer)

    return run_it


@pytest.fixture
def notice_file(tmp_path):
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    return path


def test_a_confirmed_notice_reaches_every_follower(run, store, topic, notice_file):
    follow(store, "lan", topic)
    follow(store, "minh", topic, channel="web")

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, answer="y\n")

    assert result.exit_code == 0, result.output
    assert "Goes to 2 citizens (web 1, zalo 1)." in result.output
    assert "notices list" in result.output
    (delivery,) = lease_deliveries(store, "zalo", now=datetime.now(timezone.utc))
    assert delivery.reply.text in result.output
    assert "Bà con kê cao đồ đạc." in delivery.reply.text
    (made,) = store.announcements.recent()
    assert delivery.reply.meta == {"notice_id": made.id}
    assert (made.title, made.urgent) == ("Mưa lớn chiều nay", False)
    assert store.audit.verify() is None


def test_whoever_cannot_be_reached_is_told_of_before_and_after(run, store, topic, notice_file):
    follow(store, "lan", topic)
    follow(store, "minh", topic, silent_for=timedelta(days=3))
    for name in ("tam", "thu"):
        follow(store, name, topic, silent_for=timedelta(days=30))

    published = run(notices, "publish", "--topic", topic, "--file", notice_file, "--yes")
    listed = run(notices, "list")

    reasons = "window_charged 1, window_closed 2"
    assert f"Cannot be reached now and will be skipped: {reasons}." in published.output
    assert f"is planned for 1 citizen. Skipped: {reasons}." in published.output
    assert "queued=1 skipped=3" in listed.output
    assert f"skipped for: {reasons}" in listed.output


def test_a_notice_that_is_not_confirmed_goes_to_nobody(run, store, topic, notice_file):
    follow(store, "lan", topic)

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, answer="n\n")

    assert result.exit_code == 1
    assert store.announcements.recent() == []
    assert store.deliveries.counts() == {}


def test_options_override_the_file(run, store, topic, notice_file):
    words = ["--title", "Tin khẩn", "--issuer", "UBND tỉnh", "--number", "12/TB", "--urgent"]
    words += ["--url", "https://longan.gov.vn/12"]

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, "--yes", *words)

    assert result.exit_code == 0, result.output
    (made,) = store.announcements.recent()
    assert (made.title, made.issuer, made.number) == ("Tin khẩn", "UBND tỉnh", "12/TB")
    assert made.urgent
    assert "https://longan.gov.vn/12" in result.output
    assert made.body.startswith("Bà con")


def test_an_unknown_topic_is_refused_with_the_known_ones(run, topic, notice_file):
    result = run(notices, "publish", "--topic", "bóng đá", "--file", notice_file, "--yes")

    assert result.exit_code == 2
    assert topic in result.output


def test_an_unknown_area_is_refused(run, topic, notice_file):
    words = ["--area", "xã không đâu cả", "--yes"]

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, *words)

    assert result.exit_code == 2
    assert "xã không đâu cả" in result.output


def test_an_old_commune_that_was_split_is_refused_with_todays_names(run, topic, notice_file):
    words = ["--area", "xã Cũ", "--yes"]

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, *words)

    assert result.exit_code == 2
    assert "xa-mot, xa-hai" in result.output


def test_a_notice_about_one_area_goes_to_its_followers(run, store, topic, notice_file):
    follow(store, "lan", topic, "ben-luc")
    follow(store, "minh", topic, "can-giuoc")
    words = ["--area", "xã Bến Lức", "--yes"]

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, *words)

    assert "Goes to 1 citizen (zalo 1)." in result.output
    assert store.announcements.recent()[0].area == "ben-luc"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"),
        (b"a\x00b\n\nc", "not plain text"),
        (("T\n\n" + "x" * 1800).encode(), "1,803 characters"),
        ("Chỉ có một dòng".encode(), "blank line"),
        (b"T\n\na\n---\nb", "---"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused_in_one_sentence(
    run, store, topic, notice_file, content, word
):
    notice_file.write_bytes(content)

    result = run(notices, "publish", "--topic", topic, "--file", notice_file, "--yes")

    assert result.exit_code == 2
    assert word in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert store.announcements.recent() == []


def test_a_missing_file_and_a_plain_http_address_are_refused(run, topic, notice_file):
    missing = run(notices, "publish", "--topic", topic, "--file", "/nowhere.txt", "--yes")
    words = ["--url", "http://a.vn", "--yes"]
    plain = run(notices, "publish", "--topic", topic, "--file", notice_file, *words)

    assert (missing.exit_code, plain.exit_code) == (2, 2)


def test_the_list_shows_where_each_notice_stands(run, store, topic, notice_file):
    follow(store, "lan", topic)
    run(notices, "publish", "--topic", topic, "--file", notice_file, "--yes")

    result = run(notices, "list")

    assert result.exit_code == 0
    assert "Mưa lớn chiều nay" in result.output
    assert "queued=1" in result.output


def test_a_plan_cut_short_is_shown_and_can_be_resumed(run, store, topic, notice_file):
    follow(store, "lan", topic)
    made = store.announcements.publish(topic=topic, title="Dở dang", body="b", issuer="i", now=NOW)
    next(store.notices.plan(made, Reply("b"), NOW))

    before = run(notices, "list")
    resumed = run(notices, "resume")

    assert "notices resume" in before.output
    assert "planned for 1 citizen" in resumed.output
    assert store.deliveries.counts(made.id) == {"queued": 1}


def test_an_export_is_json_and_leaves_a_trace(run, store):
    talk(store, "Dạ, có ạ")

    result = run(privacy, "export", "--channel", "zalo", "--id", "lan")

    assert json.loads(result.output)["messages"][0]["text"] == "câu 1"
    assert store.audit.head() != "0" * 64


def test_erasing_asks_first(run, store):
    citizen = talk(store, "Dạ, có ạ")

    kept = run(privacy, "erase", "--citizen", citizen.id, answer="n\n")
    assert kept.exit_code == 1
    assert store.citizens.by_id(citizen.id) is not None

    gone = run(privacy, "erase", "--citizen", citizen.id, answer="y\n")
    assert gone.exit_code == 0
    assert store.citizens.by_id(citizen.id) is None


@pytest.mark.parametrize(
    "words", [[], ["--channel", "zalo"], ["--citizen", "99"], ["--channel", "zalo", "--id", "x"]]
)
def test_a_citizen_nobody_knows_is_refused(run, words):
    assert run(privacy, "erase", *words, "--yes").exit_code == 2
