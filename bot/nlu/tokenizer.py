"""Rasa component: Vietnamese words with codes, dates and numbers as placeholders."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.words import words_of


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Tokens carry the marked word as ``text`` and the word without marks as ``lemma``."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return what Rasa's tokenizer base needs."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the words of one attribute; offsets are those of the text as typed."""
        return [
            Token(word.marked, word.start, word.end, lemma=word.plain)
            for word in words_of(message.get(attribute))
        ]
