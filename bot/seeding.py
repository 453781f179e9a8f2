"""Brings the province's own data into the registry and the store."""

from __future__ import annotations

import sys

from tqdm import tqdm

from bot.registry.announcements import read_announcements
from bot.registry.build import build_registry
from bot.settings import Settings
from bot.wiring import open_ready_store, read_province, utc_now


def prepare_data(settings: Settings) -> None:
    """Build the registry if its files changed, and seed the demo's announcements."""
    now = utc_now()
    build_registry(settings, now)
    if read_province(settings.province_dir).demo:
        rows = read_announcements(settings.province_dir / "announcements.yml", now)
        store = open_ready_store(settings)
        bar = tqdm(rows, desc="announcements", unit="", disable=not sys.stderr.isatty())
        store.announcements.seed(list(bar))
        store.close()
