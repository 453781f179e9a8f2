"""The only place where objects meet. Knows everything, decides nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.channels.web import WebChannel
from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalo.tokens import ZaloTokens
from bot.core.announcements.announcement import Topics
from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.channel import Channel
from bot.core.conversation.acts import Acts
from bot.core.conversation.answers import TalkAnswers
from bot.core.conversation.intents import ANSWERS
from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer, AnswerFunction, Ask, Desk
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.dossier import DossierSource
from bot.core.errors import SettingsError
from bot.core.offices.answers import OfficeAnswers
from bot.core.province import Province
from bot.core.services.answers import ServiceAnswers
from bot.registry.read import Registry
from bot.settings import Settings
from bot.sources.register import RegisterSource
from bot.store import Store, open_store
from bot.store.wake import WakeListener, Waker
from bot.wording import TemplateWording

ACTS = Path(__file__).parent / "wording" / "acts.yml"


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
    )


def open_ready_store(settings: Settings) -> Store:
    """Return the operational store with its tables up to date."""
    prepare_data_dir(settings)
    store = open_store(settings.store_url)
    store.upgrade()
    return store


def prepare_data_dir(settings: Settings) -> None:
    """Make the data folder. Raises SettingsError when it cannot be written."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
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


def read_acts() -> Acts:
    """Return the words of the acts of a running talk."""
    return Acts.from_lists(yaml.safe_load(ACTS.read_text(encoding="utf-8")))


def build_channels(settings: Settings, store: Store) -> dict[str, Channel]:
    """Return the channels that are switched on, by name."""
    channels: dict[str, Channel] = {"web": WebChannel()}
    require_zalo_secrets(settings)
    if settings.zalo_app_id:
        tokens = ZaloTokens(
            app_id=settings.zalo_app_id,
            app_secret=settings.zalo_app_secret,
            account=settings.zalo_oa_id,
            oauth_url=settings.zalo_oauth_url,
            store=store.tokens,
            clock=utc_now,
            first_refresh_token=settings.zalo_refresh_token,
        )
        channels["zalo"] = ZaloChannel(
            app_id=settings.zalo_app_id,
            oa_id=settings.zalo_oa_id,
            oa_secret=settings.zalo_oa_secret,
            api_url=settings.zalo_api_url,
            tokens=tokens,
        )
    return channels


def require_zalo_secrets(settings: Settings) -> None:
    """Raise SettingsError when the channel is on but could neither verify nor send."""
    for name in ("zalo_app_secret", "zalo_oa_id", "zalo_oa_secret"):
        if settings.zalo_app_id and not getattr(settings, name):
            raise SettingsError(
                f"MOTCUA_{name.upper()} is missing: set it, "
                "or unset MOTCUA_ZALO_APP_ID to switch Zalo off"
            )


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
    )


def build_sources(settings: Settings) -> list[DossierSource]:
    """Return the dossier sources in the order they are asked."""
    known: Mapping[str, Callable[[], DossierSource]] = {
        "register": lambda: RegisterSource(settings.registry_path, zone=settings.timezone),
    }
    names = settings.dossier_sources.replace(",", " ").split()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise SettingsError(
            f"MOTCUA_DOSSIER_SOURCES names {unknown or 'nothing'}: use {', '.join(known)}"
        )
    return [known[name]() for name in names]


def build_desk(settings: Settings, store: Store | None = None) -> Desk:
    """Return the desk: every answer by the name of its action."""
    store = store or open_ready_store(settings)
    wording = build_wording(settings)
    registry = Registry(settings.registry_path)
    zone = ZoneInfo(settings.timezone)
    answers: dict[str, AnswerFunction] = {}
    desk = Desk(answers, utc_now)

    def run(payload_text: str, ask: Ask) -> Answer | None:
        payload = parse_payload(payload_text)
        name = ANSWERS[payload.intent] if payload else ""
        if payload is None or name not in answers:
            return None
        again = Ask(payload.intent, "", ask.now, payload.entities, {}, ask.citizen_id)
        return desk.answer(name, again)

    dossiers = DossierAnswers(build_sources(settings), registry, wording, zone)
    services = ServiceAnswers(registry, wording, dossiers)
    news = AnnouncementAnswers(
        store.announcements, registry.topics, store.subscriptions, registry, wording, zone
    )
    talk = TalkAnswers(wording, registry, dossiers, services, run)
    offices = OfficeAnswers(registry, wording, news.latest, services.where)
    answers.update(_register_answers(dossiers, services, news, offices))
    answers.update(_talk_answers(talk))
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
        "action_unsubscribe_topic": news.unsubscribe,
        "action_my_subscriptions": news.mine,
        "action_stop": news.stop,
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
        "action_out_of_scope": "talk/out_of_scope",
        "action_safety": "talk/safety",
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
        "action_point_the_way": talk.point_the_way,
    }
