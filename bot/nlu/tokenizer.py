"""Rasa component: Vietnamese words with codes, dates and numbers as placeholders."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.core.vietnamese import normalise
from bot.nlu.province import sources_digest
from bot.nlu.words import Word, words_of

WORDS = "words"  # a token's data: the words it is read as


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Tokens hold what was typed, in one spelling, and carry the words it is read as.

    Other components of Rasa see ordinary tokens, each with its own place in the text; "hs" is
    one token, read by ours as two words.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return what Rasa's tokenizer base needs."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Return what else shapes the tokens, for Rasa's cache."""
        return sources_digest()

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one attribute; offsets are those of the text as typed."""
        text = message.get(attribute)
        places: dict[tuple[int, int], list[Word]] = {}
        for word in words_of(text):
            places.setdefault((word.start, word.end), []).append(word)
        return [
            Token(
                normalise(text[start:end]) or words[0].marked,
                start,
                end,
                data={WORDS: tuple(words)},
                lemma=" ".join(word.plain for word in words),
            )
            for (start, end), words in places.items()
        ]
