"""Trains the intent model with scikit-learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.nlu.augment import Augmenter
from bot.nlu.calibration import learn_calibration
from bot.nlu.corpus import Phrase
from bot.nlu.features import BLOCKS, features_of
from bot.nlu.gazetteer import Gazetteer, learn
from bot.nlu.intent_model import DEFAULT, IntentModel, Training
from bot.nlu.rows import Rows
from bot.nlu.words import words_once

SEED = 20260701
_SEEN_AT_LEAST = 2  # phrases or copies; rarer features only remember single ones
_CLOSE_ENOUGH = 0.1  # ten times finer changes no answer and takes twice the time
_FEW = 500  # phrases; of so few, everything is remembered


def fit_calibrated(
    phrases: Sequence[Phrase], known: Iterable[tuple[str, str]], how: Training = DEFAULT
) -> IntentModel:
    """Train on all phrases; the confidences are set on phrases held out from other fits.

    ``known`` are ``(entity, spelling)`` pairs of the province. Deterministic. Raises ValueError
    when there is only one intent.
    """
    known = list(known)
    if len({phrase.intent for phrase in phrases}) < 2:
        raise ValueError("one intent alone needs no model: give examples of at least two")
    model = fit(phrases, learn(known, phrases), how)
    unseen = _unseen(phrases, known, model.intents, how)
    return model.calibrated(learn_calibration(*unseen)) if unseen else model


def _unseen(
    phrases: Sequence[Phrase],
    known: Sequence[tuple[str, str]],
    intents: Sequence[str],
    how: Training,
) -> tuple[Any, Any, Any] | None:
    """Return scores, right intents and lengths of phrases, each scored by a fit without it.

    The names are learnt without it, too: a model in use has not met most names either.
    """
    place = {intent: index for index, intent in enumerate(intents)}
    parts = _parts(phrases, how.parts)
    scores, right, lengths = [], [], []
    for part in range(how.parts):
        seen = [phrase for phrase, its in zip(phrases, parts, strict=True) if its != part]
        if len({phrase.intent for phrase in seen}) < 2:
            continue  # so few phrases that there is nothing to choose from
        trial = fit(seen, learn(known, seen), how)
        known_to_it = [place[intent] for intent in trial.intents]
        for phrase, its in zip(phrases, parts, strict=True):
            words = words_once(phrase.text) if its == part else ()
            if words and phrase.intent in trial.intents:
                scores.append(_spread(trial.scores(words), known_to_it, len(intents)))
                right.append(place[phrase.intent])
                lengths.append(len(words))
    return (np.stack(scores), np.array(right), np.array(lengths)) if scores else None


def _spread(scores: Any, places: Sequence[int], count: int) -> Any:
    """Return scores of all intents; one that had a single phrase, held out, gets the lowest."""
    whole = np.full(count, scores.min(), dtype=scores.dtype)
    whole[places] = scores
    return whole


def _parts(phrases: Sequence[Phrase], count: int) -> list[int]:
    """Deal the phrases of each intent out in turn."""
    dealt: Counter[str] = Counter()
    parts = []
    for phrase in phrases:
        parts.append(dealt[phrase.intent] % count)
        dealt[phrase.intent] += 1
    return parts


def fit(phrases: Sequence[Phrase], gazetteer: Gazetteer, how: Training = DEFAULT) -> IntentModel:
    """Train on ``phrases`` and their misspelt copies, without setting the confidences."""
    written = [(phrase.text, phrase.intent) for phrase in phrases]
    written += Augmenter(SEED).copies(written, how.copies)
    split = [words_once(text) for text, _ in written]
    found = [features_of(words, gazetteer.tagged(words)) for words in split]
    blocks = []
    rows: dict[str, Rows] = {}
    idf: list[Any] = []
    first = 0
    least = _SEEN_AT_LEAST if len(phrases) > _FEW else 1
    for block in BLOCKS:
        vectorizer = TfidfVectorizer(
            analyzer=_as_is, min_df=least, sublinear_tf=True, dtype=np.float32
        )
        blocks.append(vectorizer.fit_transform([item[block] for item in found]))
        names = vectorizer.get_feature_names_out().tolist()
        rows[block] = Rows.of(names, first)
        first += len(names)
        idf.append(vectorizer.idf_)
    model = LinearSVC(C=how.strength, tol=_CLOSE_ENOUGH, random_state=SEED)
    shares = np.where(np.arange(len(written)) < len(phrases), 1.0, how.share_of_copies)
    model.fit(hstack(blocks, format="csr"), [intent for _, intent in written], shares)
    weights, bias = _one_column_each(model)
    return IntentModel(
        intents=tuple(model.classes_.tolist()),
        rows=rows,
        idf=np.concatenate(idf).astype(np.float32),
        weights=weights,
        bias=bias,
        gazetteer=gazetteer,
    )


def _as_is(features: list[str]) -> list[str]:
    return features


def _one_column_each(model: LinearSVC) -> tuple[Any, Any]:
    """Return weights (rows x intents) and bias; two intents come as one row and are spread."""
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32)
