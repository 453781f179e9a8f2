"""Rasa component: dossier codes by their grammar, names by the gazetteer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import phrases_from, words_from
from bot.nlu.entities import entities_of
from bot.nlu.gazetteer import Gazetteer, learn
from bot.nlu.province import known_names, sources_digest


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LexiconEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds entities after the intent is known: the same words mean other things elsewhere."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self.gazetteer = Gazetteer((), {})

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the folder of the province's tables, read at training time only."""
        return {"province_dir": "data/province"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Return what else shapes the trained part, for Rasa's cache."""
        # Of a part taken from its cache Rasa hands in a config of its own making.
        whole = {**cls.get_default_config(), **config}
        return sources_digest(Path(whole["province_dir"]))

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what must stand before this component."""
        return [Tokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LexiconEntityExtractor:
        """Return an untrained extractor."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Collect the names of the province and of the phrases."""
        known = known_names(Path(self._config["province_dir"]))
        self.gazetteer = learn(known, phrases_from(training_data))
        with self._storage.write_to(self._resource) as folder:
            self.gazetteer.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LexiconEntityExtractor:
        """Return the trained extractor."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.gazetteer = Gazetteer.load(folder)
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            intent = (message.get(INTENT) or {}).get("name") or ""
            found = entities_of(text, words_from(message), intent, self.gazetteer)
            kept = message.get(ENTITIES, []) + self.add_extractor_name(found)
            message.set(ENTITIES, kept, add_to_output=True)
        return messages
