"""Builders with defaults: a test names only what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.announcements.announcement import Announcement, Topic
from bot.core.announcements.consent import Subscription
from bot.core.announcements.pace import Pace
from bot.core.desk import Ask, Entity
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.errors import DossierNotFound
from bot.core.messages import Citizen, Claimed, Inbound, InboundKind
from bot.core.offices.directory import Area, Office
from bot.core.province import Province
from bot.core.services.catalogue import Field, Match, Procedure
from bot.wording import TemplateWording

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)  # a Friday, nine o'clock there
TODAY = date(2026, 11, 20)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PROVINCE = Province(
    "Long An",
    "Bàn một cửa Long An",
    ("H39", "H53"),
    "0272 000 1022",
    "https://dichvucong.gov.vn",
    "https://pakn.dichvucong.gov.vn",
)
WORDING = TemplateWording({"province": PROVINCE})


def an_ask(text: str = "", intent: str = "", **more: Any) -> Ask:
    entities = tuple(Entity(name, value) for name, value in more.pop("entities", ()))
    return Ask(intent, text, NOW, entities, more.pop("context", {}), more.pop("citizen_id", 1))


def a_claim(text: str = "", kind: InboundKind = InboundKind.TEXT, **more: Any) -> Claimed:
    context: Mapping[str, str] = more.pop("context", {})
    inbound = Inbound("web", "m1", "someone", kind, NOW, text, **more)
    return Claimed(1, Citizen(1, "web", "someone"), inbound, 1, context)


def a_dossier(**more: Any) -> Dossier:
    base = Dossier(
        code="000.00.19.H39-260915-0001",
        procedure_code="1.001193",
        procedure_name="Đăng ký khai sinh",
        status=4,
        status_label="Đang xử lý",
        received_on=date(2026, 9, 15),
        promised_on=date(2026, 11, 25),
        finished_on=None,
        returned_on=None,
        changed_at=NOW - timedelta(days=1),
        agency="UBND phường Long An",
        handling_unit="Bộ phận hộ tịch",
        source="register",
        as_of=NOW,
    )
    return replace(base, **more)


def a_procedure(**more: Any) -> Procedure:
    base = Procedure(
        code="1.001193",
        name="Thủ tục đăng ký khai sinh",
        short_name="Đăng ký khai sinh",
        aliases=("làm giấy khai sinh",),
        field="civil_status",
        field_name="Hộ tịch",
        levels=("xa",),
        channels=("online", "counter"),
        time_limit="trong ngày",
        time_status="as_listed",
        fee="miễn lệ phí",
        fee_kind="free",
        papers=("tờ khai", "giấy chứng sinh"),
        result="Giấy khai sinh",
        url="https://dichvucong.gov.vn/x",
        verification="portal_record",
    )
    return replace(base, **more)


class FakeSource:
    """A dossier source that knows what it is given, or is silent."""

    name = "fake"

    def __init__(self, *dossiers: Dossier, error: Exception | None = None) -> None:
        self._known = {DossierCode(dossier.code).key: dossier for dossier in dossiers}
        self._error = error

    def fetch(self, code: DossierCode) -> Dossier:
        if self._error:
            raise self._error
        if code.key not in self._known:
            raise DossierNotFound
        return self._known[code.key]


class FakeCatalogue:
    """A catalogue whose search answers what it is told."""

    def __init__(
        self,
        *procedures: Procedure,
        hits: Mapping[str, Sequence[float]] | None = None,
        absent: Sequence[str] = (),
    ) -> None:
        self.procedures = procedures
        self._hits = hits or {}
        self._absent = absent

    def find(self, code: str) -> Procedure | None:
        return next((item for item in self.procedures if item.code == code[:8]), None)

    def search(self, query: str, limit: int = 10) -> Sequence[Match]:
        scores = self._hits.get(query, ())
        return [Match(item, score) for item, score in zip(self.procedures, scores, strict=False)]

    def absent(self, query: str) -> str | None:
        return next((name for name in self._absent if name in query), None)

    def fields(self) -> Sequence[Field]:
        return [Field("civil_status", "Hộ tịch", (), len(self.procedures), 1)]

    def find_field(self, text: str) -> Field | None:
        return self.fields()[0] if text in ("civil_status", "hộ tịch") else None

    def in_field(
        self, slug: str, *, online_only: bool = False, offset: int = 0, limit: int = 5
    ) -> tuple[Sequence[Procedure], int]:
        return self.procedures[offset : offset + limit], len(self.procedures)


STORM = Topic("natural_disaster", "Thiên tai", ("bão", "lũ"))
EPIDEMIC = Topic("epidemic", "Dịch bệnh", ("sốt xuất huyết",))


class FakeNews:
    """Topics, announcements and subscriptions in one."""

    def __init__(
        self,
        *announcements: Announcement,
        followed: Sequence[str] = (),
        wishes: Sequence[Subscription] = (),
    ) -> None:
        self.announcements = announcements
        self.wishes = [Subscription(slug, None, Pace.AT_ONCE, NOW) for slug in followed]
        self.wishes += wishes

    def all(self) -> Sequence[Topic]:
        return [EPIDEMIC, STORM]

    def find(self, text: str) -> Topic | None:
        return next((t for t in self.all() if text in (t.slug, t.name, *t.aliases)), None)

    def topics_of(self, citizen_id: int) -> Sequence[str]:
        return [wish.topic for wish in self.wishes]

    def of(self, citizen_id: int) -> Sequence[Subscription]:
        return self.wishes

    def latest(
        self,
        now: datetime,
        topic: str | None = None,
        areas: Sequence[str] = (),
        offset: int = 0,
        limit: int = 3,
    ) -> tuple[Sequence[Announcement], int]:
        fitting = [a for a in self.announcements if topic in (None, a.topic)]
        return fitting[offset : offset + limit], len(fitting)

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]:
        return {each.id: each for each in self.announcements if each.id in set(ids)}


def an_announcement(number: int = 1, **more: Any) -> Announcement:
    base = Announcement(
        id=number,
        topic=STORM.slug,
        title=f"Tin bão số {number}",
        body="Bão gần bờ. Chằng chống nhà cửa.",
        issuer="Ban chỉ huy phòng chống thiên tai",
        published_at=NOW,
        number="12/TB",
        url="https://longan.gov.vn/tin",
    )
    return replace(base, **more)


NEW_WARD = Area("phuong-long-an", "phường Long An", "ward")
OLD_CITY = Area("tp-tan-an", "TP Tân An", "old_district", ("phuong-long-an",))
CENTRE = Office(
    "trung-tam", "Trung tâm Phục vụ hành chính công", "service_centre", "phuong-long-an",
    "61 Nguyễn Huệ", "7:00-17:00", "Nghỉ", "0272 000 1022", "",
)  # fmt: skip


class FakeDirectory:
    """One old city that became one ward with one office."""

    def find_areas(self, text: str) -> Sequence[Area]:
        named = text.lower()
        return [a for a in (OLD_CITY, NEW_WARD) if a.name.lower() in named or a.slug == text]

    def successors(self, area: Area) -> Sequence[Area]:
        return [NEW_WARD]

    def find_offices(self, text: str, areas: Sequence[Area] = ()) -> Sequence[Office]:
        return [CENTRE] if areas or "trung tâm" in text.lower() else []

    def nearest(self, latitude: float, longitude: float, limit: int = 3) -> Sequence[Office]:
        return [CENTRE]

    def main_office(self) -> Office:
        return CENTRE
