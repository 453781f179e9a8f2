"""Brings the province's own data into the registry and the store."""

from __future__ import annotations

import sys

from tqdm import tqdm

from bot.core.errors import SettingsError
from bot.registry.announcements import read_announcements
from bot.registry.build import Report, build_registry
from bot.registry.rows import BadFile
from bot.settings import Settings
from bot.wiring.desk import open_ready_store, read_province, utc_now
from bot.wiring.keys import owner_digests


def prepare_data(settings: Settings) -> Report:
    """Build the registry if its files changed, and seed the announcements of a demo province."""
    now = utc_now()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tqdm(desc="registry", unit="row", disable=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            report = build_registry(
                settings, now, progress=progress, owners=owner_digests(settings)
            )
        except BadFile as error:
            raise SettingsError(f"the province's data cannot be used: {error}") from error
    for name, problems in report.problems.items():
        for problem in problems:
            sys.stderr.write(f"motcua: {name}: {problem}\n")
    store = open_ready_store(settings)
    store.processes.forget("worker")  # one killed a moment ago would still look alive
    if read_province(settings.province_dir).demo:
        rows = read_announcements(settings.province_dir / "announcements.yml", now)
        store.announcements.seed(rows)
    store.close()
    return report


if __name__ == "__main__":
    prepare_data(Settings.from_env())
