"""The only reader of the environment. Every setting starts with ``MOTCUA_``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bot.core.errors import SettingsError

PREFIX = "MOTCUA_"
_WORDS = {"yes": True, "no": False, "": False}


def _setting(default: Any, help: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help, "secret": secret}, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults; without any of them the demo runs."""

    data_dir: Path = _setting(Path("var"), "Folder of everything the desk writes.")
    database_url: str = _setting("", "Operational store; empty means SQLite in the data folder.")
    host: str = _setting("127.0.0.1", "Address the web process listens on.")
    port: int = _setting(8080, "Port the web process listens on.")
    public_url: str = _setting("", "Address citizens see; empty means http://host:port.")
    secret_key: str = _setting(
        "", "Signs cookies and codes; empty means one made at first start.", secret=True
    )
    token_key: str = _setting(
        "",
        "Keys for kept platform tokens, the newest first; empty means MOTCUA_SECRET_KEY.",
        secret=True,
    )
    province_dir: Path = _setting(Path("data/province"), "Folder of the province's own data.")
    model_dir: Path = _setting(Path("models"), "Folder of trained language models.")
    evaluation_dir: Path = _setting(
        Path("tests/nlu"), "Folder of the phrases and floors a new language model is judged by."
    )
    rasa_url: str = _setting("", "Address of a remote Rasa server; empty means embedded.")
    dossier_sources: str = _setting(
        "register", "Dossier sources (onestop, register) in the order asked."
    )
    onestop_url: str = _setting("", "Address of the one-stop system that is asked for dossiers.")
    onestop_mapping: str = _setting(
        "national", "What it calls things: national, portal, or the path of a file like them."
    )
    onestop_token: str = _setting("", "Bearer token it wants, if it is a fixed one.", secret=True)
    onestop_token_url: str = _setting(
        "", "Where a token is fetched (client credentials); empty means the fixed one."
    )
    onestop_client_id: str = _setting("", "Our name at the token service.")
    onestop_client_secret: str = _setting("", "Our secret at the token service.", secret=True)
    onestop_cert: str = _setting("", "Path of our certificate, where it wants mutual TLS.")
    onestop_key: str = _setting("", "Path of that certificate's key; empty if in the same file.")
    onestop_ca: str = _setting("", "Path of the authority its certificate is signed by, if own.")
    onestop_fresh_seconds: int = _setting(30, "Seconds an answer of it is given again, 1 to 600.")
    onestop_timeout: int = _setting(3, "Seconds one look-up may take altogether, 1 to 4.")
    follow_poll_minutes: int = _setting(
        10, "Minutes between questions to a source about followed dossiers; 0 asks none."
    )
    hook_secret: str = _setting(
        "", "Secret back offices sign their calls with; empty switches them off.", secret=True
    )
    document_source: str = _setting(
        "", "Folder or https address official documents come from; empty takes none in."
    )
    document_token: str = _setting(
        "", "Bearer token that address wants, if it wants one.", secret=True
    )
    document_minutes: int = _setting(10, "Minutes between two looks for documents; at least 1.")
    document_trust: str = _setting(
        "",
        "Folder of root certificates (PEM or DER) signatures are trusted by; empty trusts none.",
    )
    redis_url: str = _setting("", "Shared counters for rate limits; empty means per process.")
    wrong_codes_citizen: int = _setting(
        8, "Codes nobody knows one citizen may try in an hour before look-ups are closed to them."
    )
    wrong_codes_address: int = _setting(
        30, "Codes nobody knows all chat sessions of one address may try in an hour."
    )
    wrong_codes_province: int = _setting(
        60, "Codes nobody knows in ten minutes, all citizens together, that raise the alarm."
    )
    wrong_codes_nearby: int = _setting(
        12, "Codes close together in one running sequence that may be tried in an hour by all."
    )
    timezone: str = _setting("Asia/Ho_Chi_Minh", "Time zone of the province.")
    quiet_hours: str = _setting(
        "21:00-06:00", "When only urgent notices arrive; the same time twice for never."
    )
    notices_per_day: int = _setting(
        3, "Notices one citizen gets in a day at most, urgent ones apart; 1 to 50."
    )
    media_hosts: str = _setting(
        "zalo.me zaloapp.com zdn.vn zadn.vn dlfl.vn",
        "Hosts (and their subdomains) photos may be fetched from, separated by spaces.",
    )
    media_http_hosts: str = _setting(
        "", "host:port pairs photos may be fetched from over plain http, for tests and gateways."
    )
    chat_rate: str = _setting("40/second;1200/minute", "Messages one chat session may send.")
    session_rate: str = _setting("120/minute", "Chat sessions one address may open.")
    slip_keys: str = _setting(
        "",
        "Keys that sign slips, id:secret each, the newest first; empty means one made of "
        "MOTCUA_SECRET_KEY.",
        secret=True,
    )
    slip_rate: str = _setting("120/minute", "Slip pages one address may open.")
    login_rate: str = _setting(
        "30/minute", "Attempts to log in to the console one address may make."
    )
    metrics_token: str = _setting(
        "", "Bearer token for /metrics from elsewhere; empty means loopback only.", secret=True
    )
    staff_silence_minutes: int = _setting(
        30, "Minutes the desk keeps quiet for a citizen after a person wrote from the account."
    )
    web_threads: int = _setting(48, "Threads of the web process.")
    worker_threads: int = _setting(
        1, "Lanes that answer words; photos have their own. More help only with slow sources."
    )
    send_threads: int = _setting(
        24, "Messages of platforms the worker has under way at the same time."
    )
    zalo_app_id: str = _setting("", "Id of the Zalo app; empty switches the channel off.")
    zalo_app_secret: str = _setting("", "App Secret Key, for tokens.", secret=True)
    zalo_oa_id: str = _setting("", "Id of the official account.")
    zalo_oa_secret: str = _setting("", "OA Secret Key, for webhook signatures.", secret=True)
    zalo_accounts: str = _setting(
        "",
        "Further official accounts of the app, id:secret or id:secret:refresh_token each.",
        secret=True,
    )
    zalo_verifier: str = _setting(
        "", "Code of the domain verification: what stands in zalo_verifier<code>.html."
    )
    zalo_rate_per_minute: int = _setting(
        4000, "Calls a minute the app may make, all processes together; at least 60."
    )
    zalo_charged_notices: bool = _setting(
        False, "yes sends notices also after 48 hours of silence, where Zalo charges for them."
    )
    zalo_api_url: str = _setting("https://openapi.zalo.me", "Address of the OA API.")
    zalo_business_url: str = _setting(
        "https://business.openapi.zalo.me", "Address of the template host."
    )
    zalo_oauth_url: str = _setting("https://oauth.zaloapp.com", "Address of the token service.")
    zalo_refresh_token: str = _setting(
        "", "First refresh token; later pairs live in the store.", secret=True
    )
    zalo_callback_url: str = _setting(
        "", "Callback registered in the app's console; empty means the public address and a slash."
    )
    zalo_code_verifier: str = _setting(
        "", "Fixed verifier of the code challenge entered in the console, if any.", secret=True
    )
    zalo_bot_token: str = _setting(
        "", "Token of a bot of the Zalo Bot Platform; empty switches it off.", secret=True
    )
    zalo_bot_secret: str = _setting(
        "",
        "Secret its webhook calls carry, 8 to 256 characters; empty means polling.",
        secret=True,
    )
    zalo_bot_api_url: str = _setting(
        "https://bot-api.zaloplatforms.com", "Address of the Bot Platform."
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment. Raises SettingsError naming the variable and the cure."""
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for item in fields(cls):
            name = PREFIX + item.name.upper()
            if name in source:
                values[item.name] = _parse(name, source[name], item.default)
        return cls(**values)

    def as_environ(self) -> dict[str, str]:
        """Return what another process reads as these very settings."""
        values = ((item.name, getattr(self, item.name)) for item in fields(self))
        return {
            PREFIX + name.upper(): ("yes" if value else "no")
            if value is True or value is False
            else str(value)
            for name, value in values
        }

    @property
    def store_url(self) -> str:
        """Return the SQLAlchemy address of the operational store."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'motcua.db').resolve()}"

    @property
    def registry_path(self) -> Path:
        """Return the file of the reference registry."""
        return self.data_dir / "registry.db"

    @property
    def token_keys(self) -> tuple[str, ...]:
        """Return the keys for kept tokens: the first seals, each opens. None may be set."""
        return tuple(key for key in (*self.token_key.split(), self.secret_key) if key)

    @property
    def address(self) -> str:
        """Return the public address without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def _parse(name: str, text: str, default: Any) -> Any:
    if isinstance(default, Path):
        return Path(text).expanduser()
    if isinstance(default, bool):
        if text.strip().lower() not in _WORDS:
            raise SettingsError(f"{name} must be yes or no, not {text!r}: set it or unset it")
        return _WORDS[text.strip().lower()]
    if isinstance(default, int):
        if not text.strip().isdigit():
            raise SettingsError(f"{name} must be a whole number, not {text!r}: set it or unset it")
        return int(text)
    return text.strip()
