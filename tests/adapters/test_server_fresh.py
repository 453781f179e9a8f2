"""The app on a folder where nothing was made yet: it is what runs the command that makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import create_app


def test_an_empty_folder_is_enough_to_build_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(tmp_path / "var"))

    done = create_app().test_cli_runner().invoke(args=["registry", "build"])

    assert done.exit_code == 0, done.output
    assert (tmp_path / "var" / "registry.db").exists()
