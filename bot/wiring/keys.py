"""The desk's own secret, and the keys derived from it."""

from __future__ import annotations

from bot.core.errors import SettingsError
from bot.registry.owners import OwnerDigests
from bot.settings import Settings
from bot.store.sealing import made_key

SECRET_FILE = "secret.key"  # noqa: S105 - a file name


def desk_secret(settings: Settings) -> str:
    """Return the operator's secret, or one made at the first call and kept in the data folder.

    Processes that start together get the same one. Raises SettingsError.
    """
    if settings.secret_key:
        return settings.secret_key
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"cannot write in {settings.data_dir} ({error.strerror}): set MOTCUA_SECRET_KEY"
        ) from error
    return made_key(settings.data_dir / SECRET_FILE)


def owner_digests(settings: Settings) -> OwnerDigests:
    """Return what keeps and compares the proofs of owners."""
    return OwnerDigests(desk_secret(settings))
