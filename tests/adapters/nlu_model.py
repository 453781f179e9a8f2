"""A trained model for tests: the current one, else a small one trained on few phrases."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import yaml

from bot.nlu.model import current_model
from bot.nlu.train import Folders

_PHRASES_EACH = 25


def model_for_tests(folder: Path) -> Path:
    """Return a model file; training the small one takes about half a minute."""
    if ready := current_model(Folders()):
        return ready
    data = folder / "nlu"
    shutil.copytree("data/nlu", data)
    for path in data.rglob("*phrases.yml"):
        path.write_text(_shortened(path.read_text(encoding="utf-8")), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.model_training import train

        result = train(str(data), "config.yml", [str(data)], output=str(folder / "models"))
    assert result.model
    return Path(result.model)


def _shortened(text: str) -> str:
    data = yaml.safe_load(text)
    for block in data.get("nlu", ()):
        if "intent" in block:
            lines = block["examples"].splitlines(keepends=True)
            step = max(1, len(lines) // _PHRASES_EACH)
            block["examples"] = "".join(lines[::step])
    return yaml.safe_dump(data, allow_unicode=True)
