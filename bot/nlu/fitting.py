"""Trains the intent model with scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.nlu.augment import Augmenter
from bot.nlu.corpus import Phrase
from bot.nlu.features import BLOCKS, features_of
from bot.nlu.gazetteer import Gazetteer, learn
from bot.nlu.intent_model import IntentModel
from bot.nlu.words import words_of

SEED = 20260701
# Chosen by cross-validation; a linear SVM beat logistic regression by a point at a tenth of
# the time, and more than one misspelt copy of each phrase brought nothing.
STRENGTH = 0.5
COPIES = 1
_SEEN_AT_LEAST = 2  # times; rarer features only remember single phrases
_HELD_OUT = 5  # every fifth phrase sets the confidences


def fit_calibrated(phrases: Sequence[Phrase], known: Iterable[tuple[str, str]]) -> IntentModel:
    """Train on all phrases; the confidences are set on phrases held out from a first fit.

    ``known`` are ``(entity, spelling)`` pairs of the province. Deterministic.
    """
    gazetteer = learn(known, phrases)
    trial = fit([p for index, p in enumerate(phrases) if index % _HELD_OUT], gazetteer)
    place = {intent: index for index, intent in enumerate(trial.intents)}
    scored = [
        (trial.scores(words_of(phrase.text)), place[phrase.intent])
        for phrase in phrases[::_HELD_OUT]
        if phrase.intent in place
    ]
    temperature = _honest_temperature(scored) if scored else 1.0
    return replace(fit(phrases, gazetteer), temperature=temperature)


def fit(phrases: Sequence[Phrase], gazetteer: Gazetteer) -> IntentModel:
    """Train on ``phrases`` and their misspelt copies, without setting the confidences."""
    written = [(phrase.text, phrase.intent) for phrase in phrases]
    written += Augmenter(SEED).copies(written, COPIES)
    split = [words_of(text) for text, _ in written]
    found = [features_of(words, gazetteer.tagged(words)) for words in split]
    blocks = []
    rows: dict[str, dict[str, int]] = {}
    idf: list[Any] = []
    first = 0
    for block in BLOCKS:
        vectorizer = TfidfVectorizer(
            analyzer=_as_is, min_df=_SEEN_AT_LEAST, sublinear_tf=True, dtype=np.float32
        )
        blocks.append(vectorizer.fit_transform([item[block] for item in found]))
        names = vectorizer.get_feature_names_out().tolist()
        rows[block] = {name: first + index for index, name in enumerate(names)}
        first += len(names)
        idf.append(vectorizer.idf_)
    model = LinearSVC(C=STRENGTH, tol=1e-2, random_state=SEED)
    model.fit(hstack(blocks, format="csr"), [intent for _, intent in written])
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


def _honest_temperature(held_out: Sequence[tuple[Any, int]]) -> float:
    """Return the divisor of scores that makes confidences most likely on held-out phrases."""
    scores = np.stack([score for score, _ in held_out])
    right = np.array([index for _, index in held_out])

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scaled).sum(axis=1))
        return float((log_sum - scaled[np.arange(len(right)), right]).mean())

    return float(min(np.geomspace(0.02, 5.0, 80), key=loss))
