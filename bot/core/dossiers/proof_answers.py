"""What the desk says to somebody who wants to prove that a dossier is theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.core.conversation.memory import PENDING_PROOF
from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.proof import Outcome, Proofs
from bot.core.errors import DossierNotFound, SourceUnavailable

# The words of an attempt are forgotten with the turn, not with the day.
_FORGET: Mapping[str, str] = {"effect": "forget_words"}
_CLOSES: Mapping[str, str | None] = {PENDING_PROOF: None, "again": None}


class ProofAnswers:
    """Answers ``prove_owner``: asks for what only the owner knows, and compares it.

    Whether there is such a dossier, or anything on file, never changes a word.
    """

    def __init__(self, dossiers: DossierAnswers, proofs: Proofs, wording: Wording) -> None:
        self._dossiers = dossiers
        self._proofs = proofs
        self._wording = wording

    def prove(self, ask: Ask) -> Answer:
        """Answer the button, or the attempt that the conversation took for one."""
        codes = self._dossiers.codes_in(ask)
        if not codes:
            return self._dossiers.lookup(ask)
        value = ask.first("proof")
        if value is not None:
            return self._attempt(codes[0], value, ask)
        if self._dossiers.gate.is_owner(codes[0], ask):
            return self._dossiers.lookup(ask)
        if not self._dossiers.gate.is_open(ask):
            return self._dossiers.closed()
        if len(codes) > 1:
            payloads = [f"/prove_owner{json.dumps({'dossier_code': c.value})}" for c in codes]
            replies = self._wording.replies("dossiers/proof_which", codes=[c.value for c in codes])
            return Answer(replies, {"choices": json.dumps(payloads)})
        if not self._proofs.left(ask.citizen_id, codes[0], ask.now):
            return self._say("proof_spent", codes[0], _CLOSES)
        return self._say("proof_ask", codes[0], {PENDING_PROOF: codes[0].value})

    def _attempt(self, code: DossierCode, value: str, ask: Ask) -> Answer:
        if not value:
            return self._say("proof_unread", code, {"again": None}, _FORGET)
        if not self._dossiers.gate.is_open(ask):
            closed = self._dossiers.closed()
            return Answer(closed.replies, _CLOSES, (_FORGET,))
        outcome = self._proofs.attempt(ask.citizen_id, code, value, ask.now)
        if outcome is Outcome.PROVED:
            return self._proved(code, ask)
        if outcome is Outcome.WRONG:
            self._dossiers.gate.count_proof(code, ask)
            # The question stays open: the words of a try too many are forgotten as well.
            left = self._proofs.left(ask.citizen_id, code, ask.now)
            return self._say("proof_wrong", code, {"again": None}, _FORGET, left=left)
        name = "proof_spent" if outcome is Outcome.SPENT else "unavailable"
        return self._say(name, code, _CLOSES, _FORGET)

    def _proved(self, code: DossierCode, ask: Ask) -> Answer:
        kept = self._proofs.effect(code, "known")
        try:
            dossier = self._dossiers.gate.open(code, ask, owner=True)
        except (DossierNotFound, SourceUnavailable):
            return self._say("unavailable", code, _CLOSES, _FORGET, kept)
        answer = self._dossiers.shown(dossier, ask, owner=True, proved_now=True)
        context = {**answer.context, "dossier_code": dossier.code, **_CLOSES}
        return Answer(answer.replies, context, (kept, _FORGET))

    def _say(
        self,
        name: str,
        code: DossierCode,
        context: Mapping[str, str | None],
        *effects: Mapping[str, str],
        **data: int,
    ) -> Answer:
        replies = self._wording.replies(f"dossiers/{name}", code=code.value, **data)
        marked = tuple(reply.with_meta(dossier_code=code.value) for reply in replies)
        return Answer(marked, {"dossier_code": code.value, **context}, effects)
