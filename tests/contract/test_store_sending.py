"""Pauses, refused citizens, kept uploads and sealed tokens, on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, select, update

from bot.core.errors import SecretUnreadable, SettingsError
from bot.core.messages import InboundKind
from bot.store import TokenPair, TokenState, open_store
from bot.store.schema import citizens, tokens
from bot.store.sealing import Sealer, made_key
from tests.contract.store_builders import (
    NOW,
    a_message,
    follow,
    later,
    lease_deliveries,
    plan,
    publish,
    talk,
)

PAIR = TokenPair("access-secret", "refresh-secret", later(hours=25))


def pause(store, reach="account", code="-204", now=NOW, until=None, person=True):
    until = until or later(minutes=5)
    return store.deliveries.pause("zalo", reach, code, now, until, person)


def some_replies(store, count=3):
    for number in range(count):
        talk(store, f"câu {number}", sender=f"c{number}")


# Pauses


def test_a_paused_account_gives_nothing_then_one_probe_then_all(store):
    some_replies(store)
    assert pause(store)

    assert lease_deliveries(store, now=later(minutes=4)) == []
    (probe,) = lease_deliveries(store, now=later(minutes=5))
    assert probe.probe == "account"
    assert lease_deliveries(store, now=later(minutes=5)) == []

    store.deliveries.sent(probe, "m1", later(minutes=5))
    assert store.deliveries.resume("zalo", "account")
    rest = lease_deliveries(store, now=later(minutes=5))
    assert [(item.probe, item.attempts) for item in rest] == [("", 1), ("", 1)]


def test_a_probe_refused_costs_one_message_each_time_and_goes_to_the_end(store):
    some_replies(store)
    pause(store)
    tried = []
    for minutes in (5, 10, 15):
        (probe,) = lease_deliveries(store, now=later(minutes=minutes))
        tried.append(probe.reply.text)
        assert not pause(store, now=later(minutes=minutes), until=later(minutes=minutes + 5))
        store.deliveries.retry(probe, later(minutes=minutes), "-204")

    assert sorted(tried) == ["câu 0", "câu 1", "câu 2"]


def test_a_probe_whose_process_died_is_followed_by_another(store, open_again):
    some_replies(store)
    pause(store)
    lease_deliveries(store, now=later(minutes=5))

    again = open_again()

    assert lease_deliveries(again, now=later(minutes=5, seconds=29)) == []
    assert len(lease_deliveries(again, now=later(minutes=5, seconds=31))) == 1


def test_a_pause_is_news_once_until_its_reason_changes(store):
    assert pause(store)
    assert not pause(store, until=later(minutes=10))
    assert pause(store, code="-221")
    store.deliveries.resume("zalo", "account")
    assert pause(store, code="-221")
    assert not store.deliveries.resume("zalo", "notices")


def test_a_mere_wait_ends_by_itself_for_all(store):
    some_replies(store)
    assert pause(store, code="-32", until=later(minutes=1), person=False)
    assert not pause(store, code="-32", until=later(minutes=1), person=False)

    assert lease_deliveries(store) == []
    assert [item.probe for item in lease_deliveries(store, now=later(minutes=1))] == [""] * 3
    assert store.pauses.of("zalo", later(minutes=1)) == []


def test_a_wait_that_comes_back_soon_is_no_news(store):
    pause(store, code="-32", until=later(minutes=1), person=False)
    again = {"code": "-32", "person": False}

    assert not pause(store, now=later(minutes=2), until=later(minutes=3), **again)
    assert pause(store, now=later(minutes=30), until=later(minutes=31), **again)


def test_a_wait_does_not_take_the_place_of_what_needs_a_person(store):
    pause(store)
    assert not pause(store, code="-32", until=later(minutes=9), person=False)

    (found,) = store.pauses.of("zalo", NOW)
    assert (found.code, found.person, found.until) == ("-204", True, later(minutes=9))


def test_without_money_answers_go_out_and_one_notice_tries(store):
    for number in range(2):
        follow(store, f"f{number}")
    plan(store, publish(store))
    talk(store, "trả lời", sender="minh")
    pause(store, "notices", "-320")

    (reply,) = lease_deliveries(store)
    assert (reply.reply.text, reply.probe) == ("trả lời", "")
    store.deliveries.sent(reply, "m1", NOW)
    assert lease_deliveries(store) == []

    (probe,) = lease_deliveries(store, now=later(minutes=5))
    assert (probe.kind, probe.probe) == ("notice", "notices")
    store.deliveries.resume("zalo", "notices")
    assert len(lease_deliveries(store, now=later(minutes=5))) == 1


def test_a_person_who_acted_has_the_next_message_tried_at_once(store):
    some_replies(store)
    pause(store)

    assert store.pauses.probe_now("zalo", later(seconds=1)) == 1

    assert len(lease_deliveries(store, now=later(seconds=1))) == 1


def test_another_channel_is_not_paused(store):
    talk(store, "ạ", channel="sms")
    pause(store)

    assert len(lease_deliveries(store, "sms")) == 1


# Citizens the platform refuses


def refuse(store, code="-244"):
    (delivery,) = lease_deliveries(store)
    assert store.deliveries.blocked(delivery, code, NOW)


def test_a_refused_citizen_gets_nothing_more_until_they_write(store):
    follow(store, "lan")
    plan(store, publish(store))
    refuse(store)
    plan(store, publish(store, title="hai"))
    talk(store, "một", sender="minh")

    assert [item.reply.text for item in lease_deliveries(store)] == ["một"]
    assert store.deliveries.counts() == {"failed": 1, "skipped": 1, "sending": 1}

    talk(store, "dạ", number=2, sender="lan", now=later(hours=1))
    assert [item.reply.text for item in lease_deliveries(store, now=later(hours=1))] == ["dạ"]


def test_the_other_parts_of_a_refused_answer_are_skipped(store):
    talk(store, "một", "hai", "ba")
    refuse(store)

    assert lease_deliveries(store) == []
    assert store.deliveries.counts() == {"failed": 1, "skipped": 2}


def test_a_refusal_that_comes_after_a_new_message_does_not_count(store):
    talk(store, "một")
    (delivery,) = lease_deliveries(store)
    talk(store, "hai", number=2, now=later(minutes=1), sent_at=later(minutes=1))

    store.deliveries.blocked(delivery, "-230", later(minutes=2))

    assert [item.reply.text for item in lease_deliveries(store, now=later(minutes=2))] == ["hai"]


def test_leaving_is_not_writing(store):
    talk(store, "một")
    refuse(store)
    gone = replace(a_message(2), kind=InboundKind.UNFOLLOW, message_id="gone")

    store.journal.receive([gone], NOW)

    assert is_blocked(store)
    store.journal.receive([replace(gone, kind=InboundKind.FOLLOW, message_id="back")], NOW)
    assert not is_blocked(store)


def test_a_repeated_webhook_is_not_writing(store):
    talk(store, "một")
    refuse(store)

    store.journal.receive([a_message(1)], later(minutes=5))

    assert is_blocked(store)


def test_erasing_forgets_the_refusal(store):
    citizen = talk(store, "một")
    refuse(store)
    assert "blocked_code" in store.privacy.export(citizen.id)["citizen"]

    talk(store, number=2, effects=[{"effect": "erase"}])

    assert "blocked_code" not in store.privacy.export(citizen.id)["citizen"]


def is_blocked(store):
    with store.journal._db.read() as connection:
        return connection.execute(select(citizens.c.blocked_at)).scalar() is not None


def test_the_last_thing_of_a_channel_is_known(store):
    assert store.journal.last_received("zalo") is None
    talk(store, "ạ", now=later(minutes=3))

    assert store.journal.last_received("zalo") == later(minutes=3)
    assert store.journal.last_received("sms") is None


# Uploads

KEY = ("zalo", "oa", "image", "0" * 64)


def test_an_upload_is_kept_until_it_ends_or_is_dropped(store, open_again):
    store.uploads.keep(*KEY, "h1", NOW, later(days=6))
    assert open_again().uploads.find(*KEY, later(days=5)) == "h1"
    assert store.uploads.find(*KEY, later(days=6)) is None
    assert store.uploads.find("zalo", "another", *KEY[2:], NOW) is None

    store.uploads.keep(*KEY, "h2", NOW, later(days=7))
    assert store.uploads.find(*KEY, later(days=6)) == "h2"
    store.uploads.drop(*KEY)
    assert store.uploads.find(*KEY, NOW) is None


def test_ended_uploads_do_not_pile_up(store):
    store.uploads.keep(*KEY, "h1", NOW, later(days=6))
    store.uploads.keep(*KEY[:3], "1" * 64, "h2", later(days=7), later(days=13))

    assert store.uploads.find(*KEY, NOW) is None


# Tokens at rest


def kept(store_url):
    engine = create_engine(store_url)
    with engine.connect() as connection:
        row = connection.execute(select(tokens)).one()
    engine.dispose()
    return row


def keep_plain(store_url, pair=PAIR):
    engine = create_engine(store_url)
    with engine.begin() as connection:
        plain = {"access_token": pair.access_token, "refresh_token": pair.refresh_token}
        connection.execute(update(tokens).values(plain))
    engine.dispose()


def with_keys(store_url, *keys):
    return open_store(store_url, keys)


def test_a_kept_pair_is_not_readable_in_the_database(store, store_url):
    store.tokens.save("zalo", "oa", PAIR, NOW)

    row = kept(store_url)
    assert row.access_token.startswith("sealed:")
    assert row.refresh_token.startswith("sealed:")
    assert "secret" not in row.access_token + row.refresh_token
    assert store.tokens.load("zalo", "oa") == PAIR
    assert store.tokens.state("zalo", "oa") == TokenState(PAIR.expires_at, NOW, None)


def test_a_plain_pair_of_an_older_version_is_read_once_and_sealed(store, store_url):
    store.tokens.save("zalo", "oa", PAIR, NOW)
    keep_plain(store_url)

    assert store.tokens.load("zalo", "oa") == PAIR

    assert kept(store_url).refresh_token.startswith("sealed:")
    assert store.tokens.load("zalo", "oa") == PAIR


def test_a_new_key_writes_while_the_old_one_still_reads(store, store_url):
    old = with_keys(store_url, "old")
    old.tokens.save("zalo", "oa", PAIR, NOW)
    both = with_keys(store_url, "new", "old")
    assert both.tokens.load("zalo", "oa") == PAIR

    new = with_keys(store_url, "new")
    assert new.tokens.load("zalo", "oa") == PAIR
    with pytest.raises(SecretUnreadable):
        old.tokens.load("zalo", "oa")
    for each in (old, both, new):
        each.close()


def test_a_lost_key_says_what_to_do_and_a_new_pair_can_be_kept(store, store_url):
    store.tokens.save("zalo", "oa", PAIR, NOW)
    other = with_keys(store_url, "another")

    with pytest.raises(SecretUnreadable, match="MOTCUA_TOKEN_KEY.*zalo login"):
        other.tokens.load("zalo", "oa")
    assert other.tokens.state("zalo", "oa")

    other.tokens.save("zalo", "oa", PAIR, NOW)
    assert other.tokens.load("zalo", "oa") == PAIR
    other.close()


def test_without_a_key_nothing_is_begun_or_kept(store, store_url):
    bare = with_keys(store_url)

    with pytest.raises(SettingsError, match="MOTCUA_TOKEN_KEY"):
        bare.tokens.begin("zalo", "oa", NOW)
    with pytest.raises(SettingsError):
        bare.tokens.save("zalo", "oa", PAIR, NOW)
    bare.close()


def test_sealing_again_never_undoes_a_newer_pair(store, store_url, monkeypatch):
    store.tokens.save("zalo", "oa", PAIR, NOW)
    keep_plain(store_url)
    newer = TokenPair("a2", "r2", later(hours=30))
    opened = Sealer.is_current

    def meanwhile(self, text):
        monkeypatch.setattr(Sealer, "is_current", opened)
        store.tokens.save("zalo", "oa", newer, NOW)
        return False

    monkeypatch.setattr(Sealer, "is_current", meanwhile)

    store.tokens.load("zalo", "oa")

    assert store.tokens.load("zalo", "oa") == newer


def test_a_refresh_that_began_is_noted_until_it_ends(store):
    store.tokens.save("zalo", "oa", PAIR, NOW)
    assert store.tokens.begin("zalo", "oa", later(hours=1)) is None
    assert store.tokens.state("zalo", "oa").begun_at == later(hours=1)
    assert store.tokens.begin("zalo", "oa", later(hours=2)) == later(hours=1)

    store.tokens.give_up("zalo", "oa")
    assert store.tokens.state("zalo", "oa").begun_at is None
    store.tokens.begin("zalo", "oa", later(hours=1))
    store.tokens.save("zalo", "oa", PAIR, later(hours=1))
    assert store.tokens.state("zalo", "oa").begun_at is None


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "token.key"

    key = made_key(path)

    assert made_key(path) == key
    assert len(key) >= 43
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["token.key"]


def test_a_key_file_that_cannot_be_used_is_told(tmp_path):
    with pytest.raises(SettingsError, match="MOTCUA_TOKEN_KEY"):
        made_key(tmp_path / "nowhere" / "token.key")


def test_a_damaged_seal_is_unreadable_and_never_text():
    sealed = Sealer(("k",)).seal("secret")

    for broken in (
        sealed[:-3],
        "sealed:",
        "sealed:\x00",
        sealed.swapcase().replace("SEALED", "sealed"),
    ):
        with pytest.raises(SecretUnreadable):
            Sealer(("k",)).open(broken)
