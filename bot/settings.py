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
    dossier_sources: str = _setting("register", "Dossier sources in the order asked.")
    redis_url: str = _setting("", "Shared counters for rate limits; empty means per process.")
    timezone: str = _setting("Asia/Ho_Chi_Minh", "Time zone of the province.")
    media_hosts: str = _setting(
        "zalo.me zaloapp.com zdn.vn zadn.vn dlfl.vn",
        "Hosts (and their subdomains) photos may be fetched from, separated by spaces.",
    )
    media_http_hosts: str = _setting(
        "", "host:port pairs photos may be fetched from over plain http, for tests and gateways."
    )
    chat_rate: str = _setting("40/second;1200/minute", "Messages one chat session may send.")
    session_rate: str = _setting("120/minute", "Chat sessions one address may open.")
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
    zalo_app_id: str = _setting("", "Id of the Zalo app; empty switches the channel off.")
    zalo_app_secret: str = _setting("", "App Secret Key, for tokens.", secret=True)
    zalo_oa_id: str = _setting("", "Id of the official account.")
    zalo_oa_secret: str = _setting("", "OA Secret Key, for webhook signatures.", secret=True)
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
