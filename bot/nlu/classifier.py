"""Rasa component: the linear intent model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.clauses import asked_besides
from bot.nlu.corpus import Phrase
from bot.nlu.intent_model import DEFAULT, IntentModel, Training
from bot.nlu.province import known_names, sources_digest
from bot.nlu.tokenizer import WORDS
from bot.nlu.words import Word

RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks intents by words and letter pieces, with and without marks."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self.model: IntentModel | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options; all are read at training time only.

        ``province_dir``: folder of the province's tables; known names become one tag each. A
        folder that is not there is no names. ``augmentation``: misspelt copies of each phrase.
        ``strength``: how much the phrases count against simplicity (C of the linear SVM).
        """
        return {
            "province_dir": "data/province",
            "augmentation": DEFAULT.copies,
            "strength": DEFAULT.strength,
        }

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
    ) -> LinearIntentClassifier:
        """Return an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all phrases and keep the model in Rasa's storage."""
        from bot.nlu.fitting import fit_calibrated  # scikit-learn is needed for training only

        known = known_names(Path(self._config["province_dir"]))
        copies, strength = int(self._config["augmentation"]), float(self._config["strength"])
        how = Training(strength=strength, copies=copies)
        self.model = fit_calibrated(phrases_from(training_data), known, how)
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Return the trained classifier."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.model = IntentModel.load(folder)
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``intent``, ``intent_ranking`` and ``also`` (further requests) of each message."""
        for message in messages:
            words = words_from(message)
            ranked = self.model.rank(words) if self.model and words else []
            if self.model and ranked:
                also = asked_besides(words, ranked[0][0], self.model.rank)
                message.set("also", also, add_to_output=True)
            ranking = [{"name": name, "confidence": sure} for name, sure in ranked]
            top = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, dict(top), add_to_output=True)
            message.set("intent_ranking", ranking[:RANKING_LENGTH], add_to_output=True)
        return messages


def words_from(message: Message) -> tuple[Word, ...]:
    """Return the words our tokenizer left on the message."""
    tokens = message.get(TOKENS_NAMES[TEXT]) or ()
    return tuple(word for token in tokens for word in token.get(WORDS, ()))


def phrases_from(training_data: TrainingData) -> list[Phrase]:
    """Return the training phrases with their marked names."""
    return [
        Phrase(
            example.get(TEXT),
            example.get(INTENT),
            tuple((e["entity"], e["start"], e["end"]) for e in example.get(ENTITIES, [])),
        )
        for example in training_data.intent_examples
        if example.get(TEXT)
    ]
