"""The desk and what the web needs. Knows everything, decides nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.core.announcements.announcement import Topics
from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.announcements.consent import ConsentText
from bot.core.announcements.pace import Paces
from bot.core.announcements.tricks import Tricks
from bot.core.announcements.verify import VerifyAnswers
from bot.core.channel import Channel
from bot.core.conversation.acts import Acts
from bot.core.conversation.answers import TalkAnswers
from bot.core.conversation.aspects import AspectAnswers
from bot.core.conversation.besides import Besides
from bot.core.conversation.danger import SafetyAnswers
from bot.core.conversation.doubt import Doubt
from bot.core.conversation.intents import ANSWERS, PAYLOADS, POINT_THE_WAY
from bot.core.conversation.numbered import Picks
from bot.core.conversation.payloads import parse_payload
from bot.core.conversation.stops import Stops
from bot.core.desk import Answer, AnswerFunction, Ask, Desk
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.own import OwnDossierAnswers
from bot.core.dossiers.proof_answers import ProofAnswers
from bot.core.dossiers.slip_page import SlipPages
from bot.core.dossiers.statistics import StatisticsAnswers
from bot.core.errors import SettingsError
from bot.core.faq.answers import FaqAnswers
from bot.core.faq.book import FaqBook
from bot.core.follow.exchange import StateOf
from bot.core.follow.stars import Stars
from bot.core.offices.answers import OfficeAnswers
from bot.core.phrases import Aspects
from bot.core.province import Province
from bot.core.services.answers import ServiceAnswers
from bot.registry.holidays import read_calendar
from bot.registry.read import Registry
from bot.registry.statistics import RegisterStatistics
from bot.settings import Settings
from bot.store import Store, open_store
from bot.store.privacy import ROW_LIFE, TEXT_LIFE
from bot.store.sealing import made_key
from bot.store.wake import WakeListener, Waker
from bot.wiring.channels import build_channels, build_windows, rate_pools
from bot.wiring.follow import follow_answers
from bot.wiring.hours import build_hours
from bot.wiring.lookups import (
    build_address_guard,
    build_gate,
    build_origins,
    build_proofs,
    build_rating_mark,
    read_receipts,
)
from bot.wiring.notices import build_pages
from bot.wiring.slips import build_slip_pages, build_slips
from bot.wiring.sources import build_sources, build_states
from bot.wording import TemplateWording

TOKEN_KEY_FILE = "token.key"  # noqa: S105 - a file name
WORDS = Path(__file__).parents[1] / "wording"


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class WebParts:
    """Everything the web process needs."""

    settings: Settings
    store: Store
    catalogue: Registry
    topics: Topics
    directory: Registry
    channels: Mapping[str, Channel]
    waker: Waker
    listen: Callable[[], WakeListener]
    province: Province
    wording: TemplateWording
    clock: Callable[[], datetime]
    origin_of: Callable[[str, datetime], str]
    slips: SlipPages
    state_of: StateOf


def read_province(folder: Path) -> Province:
    """Return the facts of ``province.yml``. Raises SettingsError when they are not there."""
    path = folder / "province.yml"
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"no {path}: set MOTCUA_PROVINCE_DIR to a province's folder"
        ) from error
    return Province(
        name=facts["name"],
        desk_name=facts["desk_name"],
        prefixes=tuple(facts["prefixes"]),
        hotline=facts["hotline"],
        portal_url=facts["portal"],
        petition_url=facts["petitions"],
        demo=bool(facts.get("demo")),
        national_hotline=str(facts.get("national_hotline", "")),
    )


def open_ready_store(settings: Settings) -> Store:
    """Return the operational store with its tables up to date."""
    prepare_data_dir(settings)
    keys, pools = token_keys(settings), rate_pools(settings)
    hours = build_hours(settings)
    store = open_store(settings.store_url, keys, build_windows(settings), pools, hours)
    store.upgrade()
    return store


def token_keys(settings: Settings) -> tuple[str, ...]:
    """Return the keys for kept tokens, the one that seals first.

    Without a key of the operator's we make one. It lies beside what it locks, so it is only
    better than none; it goes on opening what it sealed once there is another.
    """
    path = settings.data_dir / TOKEN_KEY_FILE
    given = settings.token_keys
    return given if given and not path.exists() else (*given, made_key(path))


def prepare_data_dir(settings: Settings) -> None:
    """Make the data folder. Raises SettingsError when it cannot be written."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = settings.data_dir / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"motcua")
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"cannot write in {settings.data_dir} ({error.strerror}): "
            "free some space or set MOTCUA_DATA_DIR to a folder you may write in"
        ) from error


def build_wording(settings: Settings) -> TemplateWording:
    """Return the renderer with the province's facts."""
    return TemplateWording({"province": read_province(settings.province_dir)})


def read_words(name: str) -> dict[str, Any]:
    """Return the lists of ``bot/wording/<name>.yml``."""
    path = WORDS / f"{name}.yml"
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def read_acts() -> Acts:
    """Return the words of the acts of a running talk."""
    besides = {"dangers": read_words("danger"), "stops": read_words("stop")}
    return Acts.from_lists({**read_words("acts"), **besides})


def read_stars() -> Stars:
    """Return the words that stand for stars."""
    return Stars.from_lists(read_words("follow/stars"))


def read_paces() -> Paces:
    """Return the words that say how often news should come."""
    return Paces(read_words("announcements/paces"))


def read_consent() -> ConsentText:
    """Return the version of the text one agrees to who follows a topic."""
    return ConsentText.from_lists(read_words("announcements/consent"))


def read_picks() -> Picks:
    """Return what tells which of the buttons shown a text stands for, by other words."""
    stars, paces = read_stars(), read_paces()

    def pick(text: str, payloads: Sequence[str]) -> str | None:
        return stars.pick(text, payloads) or paces.press(text, payloads)

    return pick


def read_aspects(topic: str) -> dict[str, Aspects]:
    """Return the aspects of each question in ``bot/wording/<topic>/aspects.yml``."""
    lists = read_words(f"{topic}/aspects")
    return {name: Aspects.from_lists(item) for name, item in lists.items()}


def read_faq(folder: Path) -> FaqBook:
    """Return the frequent questions of the province; a province may have none."""
    path = folder / "faq.yml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return FaqBook.from_rows(rows or ())


def build_web(settings: Settings) -> WebParts:
    """Return everything the web process needs."""
    store = open_ready_store(settings)
    registry = Registry(settings.registry_path)
    return WebParts(
        settings,
        store,
        registry,
        registry.topics,
        registry,
        build_channels(settings, store),
        Waker(settings.data_dir),
        lambda: WakeListener(settings.data_dir, "web"),
        read_province(settings.province_dir),
        build_wording(settings),
        utc_now,
        build_origins(settings).of,
        build_slip_pages(settings, store, build_address_guard(settings, store)),
        build_states(settings),
    )


def build_dossiers(
    settings: Settings, store: Store, registry: Registry, wording: TemplateWording
) -> tuple[DossierAnswers, ProofAnswers]:
    """Return the answers about dossiers; they count days by the province's calendar."""
    zone, calendar = ZoneInfo(settings.timezone), read_calendar(settings.province_dir)
    sources = build_sources(settings, store)
    proofs = build_proofs(settings, store, sources)
    verify = build_slips(settings, store).verify
    gate = build_gate(settings, store, sources, proofs, verify)
    receipts = read_receipts(settings)
    dossiers = DossierAnswers(sources, registry, wording, zone, calendar, gate, receipts)
    return dossiers, ProofAnswers(dossiers, proofs, wording)


def build_news(
    settings: Settings, store: Store, registry: Registry, wording: TemplateWording
) -> tuple[AnnouncementAnswers, VerifyAnswers]:
    """Return the answers about published notices, and whether a message is one of them."""
    zone, pages = ZoneInfo(settings.timezone), build_pages(settings)
    published, topics = store.announcements, registry.topics
    tricks = Tricks.from_lists(read_words("scams/tricks"))
    news = AnnouncementAnswers(
        published,
        topics,
        store.subscriptions,
        registry,
        wording,
        zone,
        pages,
        read_paces(),
        read_consent().version,
        Stops(read_words("stop")).is_doubtful,
    )
    return news, VerifyAnswers(published, topics, tricks, wording, zone, pages)


def build_desk(settings: Settings, store: Store | None = None) -> Desk:
    """Return the desk: every answer by the name of its action."""
    store = store or open_ready_store(settings)
    wording = build_wording(settings)
    registry = Registry(settings.registry_path)
    zone = ZoneInfo(settings.timezone)
    answers: dict[str, AnswerFunction] = {}
    faq = FaqAnswers(read_faq(settings.province_dir), wording)
    news, verify = build_news(settings, store, registry, wording)
    doubt = Doubt(wording, faq, registry, verify.first_aid)
    desk = Desk(answers, utc_now, doubt.question, Besides(wording).offer)

    def run(payload_text: str, ask: Ask) -> Answer | None:
        payload = parse_payload(payload_text)
        name = PAYLOADS[payload.intent] if payload else ""
        if payload is None or name not in answers:
            return None
        again = Ask(payload.intent, "", ask.now, payload.entities, {}, ask.citizen_id)
        return desk.answer(name, again)

    dossiers, proof = build_dossiers(settings, store, registry, wording)
    services = ServiceAnswers(registry, wording, dossiers)
    talk = TalkAnswers(wording, registry, dossiers, services, run, faq)
    offices = OfficeAnswers(registry, wording, news.latest, services.where)
    own = OwnDossierAnswers(dossiers, registry, wording, read_aspects("own"))
    statistics = RegisterStatistics(settings.registry_path, settings.timezone)
    figures = StatisticsAnswers(statistics, registry, registry, wording)
    answers.update(_register_answers(dossiers, services, news, offices))
    answers.update(_talk_answers(talk))
    answers.update(_aspect_answers(wording))
    answers.update(_own_answers(own, figures, verify))
    answers["action_prove_owner"] = proof.prove
    rating = (read_stars(), build_rating_mark(settings))
    answers.update(follow_answers(store.follows, dossiers, news, wording, zone, *rating))
    answers[POINT_THE_WAY] = _up_to_date(answers, talk.point_the_way)
    return desk


def _register_answers(
    dossiers: DossierAnswers,
    services: ServiceAnswers,
    news: AnnouncementAnswers,
    offices: OfficeAnswers,
) -> dict[str, AnswerFunction]:
    return {
        "action_lookup_dossier": dossiers.lookup,
        "action_list_services": services.listing,
        "action_find_procedure": services.card,
        "action_ask_requirements": services.papers,
        "action_ask_fee": services.fee,
        "action_ask_duration": services.duration,
        "action_ask_where": services.where,
        "action_ask_announcements": news.latest,
        "action_subscribe_topic": news.subscribe,
        "action_ask_office": offices.find,
        "action_nearest_office": offices.nearest,
    }


def _talk_answers(talk: TalkAnswers) -> dict[str, AnswerFunction]:
    fixed = {
        "action_greet": "talk/greet",
        "action_welcome": "talk/welcome",
        "action_ask_capabilities": "talk/menu",
        "action_ask_identity": "talk/identity",
        "action_ask_qr_help": "dossiers/qr_help",
        "action_sticker": "talk/sticker",
        "action_other_kind": "talk/other_kind",
        "action_no_dialogue": "talk/no_dialogue",
    }
    table: dict[str, Any] = {name: talk.say(template) for name, template in fixed.items()}
    return {
        **table,
        "action_affirm": talk.affirm,
        "action_deny": talk.deny,
        "action_cancel": talk.cancel,
        "action_request_human": talk.ask_human,
        "action_delete_my_data": talk.delete_my_data,
        "action_not_understood": talk.not_understood,
        "action_out_of_scope": talk.out_of_scope,
    }


def _own_answers(
    own: OwnDossierAnswers, figures: StatisticsAnswers, verify: VerifyAnswers
) -> dict[str, AnswerFunction]:
    return {
        "action_ask_statistics": figures.figures,
        "action_verify_notice": verify.verify,
        "action_ask_overdue": own.overdue,
        "action_ask_supplement": own.supplement,
        "action_ask_result_delivery": own.delivery,
        "action_ask_lost_receipt": own.lost_receipt,
        "action_withdraw_dossier": own.withdraw,
    }


def _aspect_answers(wording: TemplateWording) -> dict[str, AnswerFunction]:
    """Return the answers that differ by what of a matter is asked."""
    topics = ("portal", "complaints", "privacy")
    lists = {topic: Aspects.from_lists(read_words(f"{topic}/aspects")) for topic in topics}
    aspects = AspectAnswers(wording, lists)
    kept = {"text_hours": TEXT_LIFE // timedelta(hours=1), "row_days": ROW_LIFE.days}
    return {
        "action_safety": SafetyAnswers(wording, read_acts().dangers).safety,
        "action_ask_portal_help": aspects.about("portal"),
        "action_complain": aspects.about("complaints"),
        "action_ask_privacy": aspects.about("privacy", **kept),
    }


def _up_to_date(answers: Mapping[str, AnswerFunction], pointer: AnswerFunction) -> AnswerFunction:
    """Return the pointer, for a model trained before an intent got its own answer too."""

    def answer(ask: Ask) -> Answer:
        name = ANSWERS.get(ask.intent, POINT_THE_WAY)
        return pointer(ask) if name == POINT_THE_WAY else answers[name](ask)

    return answer
