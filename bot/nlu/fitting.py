"""Trains the intent model with scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.augment import Augmenter
from bot.nlu.features import BLOCKS, features_of
from bot.nlu.intent_model import IntentModel
from bot.nlu.words import words_of

Phrase = tuple[str, str]  # text, intent
STRENGTH = 20.0  # inverse regularisation, chosen by cross-validation
SEED = 20260701


def fit(phrases: Sequence[Phrase], copies: int = 3, strength: float = STRENGTH) -> IntentModel:
    """Train on ``phrases`` and ``copies`` misspelt copies of each. Deterministic."""
    written = list(phrases) + Augmenter(SEED).copies(phrases, copies)
    found = [features_of(words_of(text)) for text, _ in written]
    blocks = []
    rows: dict[str, dict[str, int]] = {}
    idf: list[Any] = []
    first = 0
    for block in BLOCKS:
        vectorizer = TfidfVectorizer(
            analyzer=_as_is, min_df=3, sublinear_tf=True, dtype=np.float32
        )
        blocks.append(vectorizer.fit_transform([item[block] for item in found]))
        names = vectorizer.get_feature_names_out().tolist()
        rows[block] = {name: first + index for index, name in enumerate(names)}
        first += len(names)
        idf.append(vectorizer.idf_)
    model = LogisticRegression(
        C=strength, max_iter=80, tol=1e-3, class_weight="balanced", random_state=SEED
    )
    model.fit(hstack(blocks, format="csr"), [intent for _, intent in written])
    weights, bias = _one_column_each(model)
    return IntentModel(
        tuple(model.classes_.tolist()), rows, np.concatenate(idf).astype(np.float32), weights, bias
    )


def _as_is(features: list[str]) -> list[str]:
    return features


def _one_column_each(model: LogisticRegression) -> tuple[Any, Any]:
    """Return weights (rows x intents) and bias; two intents come as one row and are spread."""
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32)


def calibrated(model: IntentModel, held_out: Sequence[tuple[Any, int]]) -> IntentModel:
    """Return the model with the temperature that makes confidences honest on held-out scores.

    ``held_out`` are pairs of raw scores (in the order of ``model.intents``) and the right index.
    """
    scores = np.stack([score for score, _ in held_out])
    right = np.array([index for _, index in held_out])

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scaled).sum(axis=1))
        return float((log_sum - scaled[np.arange(len(right)), right]).mean())

    best = min(np.geomspace(0.3, 5.0, 60), key=loss)
    return replace(model, temperature=float(best))


def fit_calibrated(phrases: Sequence[Phrase]) -> IntentModel:
    """Train on all phrases; the confidences are set on a fifth held out from a first fit."""
    kept = [phrase for index, phrase in enumerate(phrases) if index % 5]
    held_out = [phrase for index, phrase in enumerate(phrases) if not index % 5]
    trial = fit(kept)
    place = {intent: index for index, intent in enumerate(trial.intents)}
    scored = [
        (trial.scores(words_of(text)), place[intent])
        for text, intent in held_out
        if intent in place
    ]
    temperature = calibrated(trial, scored).temperature if scored else 1.0
    return replace(fit(phrases), temperature=temperature)
