"""Joins what only the worker has: the dialogue and the photo reader."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from bot.core.conversation.dialogue import Dialogue
from bot.core.desk import Desk
from bot.core.errors import DialogueUnavailable, PhotoUnavailable
from bot.core.messages import Inbound, Turn
from bot.core.photos.payload import PhotoReading
from bot.nlu.model import current_model, latest_model
from bot.qr.fetch import MediaFetcher
from bot.qr.reader import PhotoReader
from bot.settings import Settings


class SwitchableDialogue:
    """A dialogue that may come later or go away; without one, every text is refused."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._dialogue: Dialogue | None = None

    @property
    def ready(self) -> bool:
        """Whether free text can be understood now."""
        return self._dialogue is not None

    def use(self, dialogue: Dialogue) -> None:
        """Answer with ``dialogue`` from now on."""
        with self._lock:
            self._dialogue = dialogue

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        """Answer a text, or raise DialogueUnavailable."""
        dialogue = self._dialogue
        if dialogue is None:
            raise DialogueUnavailable("no language model is loaded")
        return dialogue.respond(citizen_id, text, context)

    def close(self) -> None:
        """Let the dialogue go."""
        with self._lock:
            close = getattr(self._dialogue, "close", None)
            self._dialogue = None
        if close:
            close()


class PhotoDesk:
    """Fetches a photo if need be and reads the codes in it; keeps nothing."""

    def __init__(self, fetcher: MediaFetcher, reader: PhotoReader) -> None:
        self._fetcher = fetcher
        self._reader = reader

    def look(self, inbound: Inbound) -> PhotoReading:
        """Return what the photo shows. Raises PhotoError."""
        if inbound.picture is not None:
            return self._reader.read(inbound.picture)
        if not inbound.media_url:
            raise PhotoUnavailable("the message has no picture")
        return self._reader.read(self._fetcher.fetch(inbound.media_url))

    def close(self) -> None:
        """Stop the reader."""
        self._reader.close()


def build_photos(settings: Settings) -> PhotoDesk:
    """Return the photo desk with the addresses photos may come from."""
    fetcher = MediaFetcher(
        settings.media_hosts.replace(",", " ").split(),
        settings.media_http_hosts.replace(",", " ").split(),
    )
    return PhotoDesk(fetcher, PhotoReader())


def load_dialogue(settings: Settings, desk: Desk) -> Dialogue:
    """Return the dialogue of the settings. Raises DialogueUnavailable when there is no model."""
    if settings.rasa_url:
        from bot.dialogue.rest import RestDialogue

        return RestDialogue(settings.rasa_url)
    # A model of older language data still understands better than none.
    model = current_model(settings) or latest_model(settings)
    if model is None:
        raise DialogueUnavailable("no trained model: run `make train`")
    from actions.base import use_desk
    from bot.dialogue.embedded import EmbeddedDialogue

    use_desk(desk)
    return EmbeddedDialogue(model)
