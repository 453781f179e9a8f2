"""Which answer each intent gets; ``data/nlu/*/rules.yml`` must agree (kept by a test).

``utter_…`` names a fixed sentence of the domain, ``action_…`` a function of the desk.
"""

from __future__ import annotations

from collections.abc import Mapping

POINT_THE_WAY = "action_point_the_way"
NOT_UNDERSTOOD = "action_not_understood"

# Intents whose full answer comes later: an honest short one with the right next step.
POINTERS = (
    "submit_dossier",
    "pay_fee",
    "book_appointment",
    "manage_appointment",
    "report_problem",
    "check_report",
)

_FIXED = ("goodbye", "thank")

_FULL = (
    "greet",
    "affirm",
    "deny",
    "cancel",
    "ask_capabilities",
    "ask_identity",
    "request_human",
    "complain",
    "lookup_dossier",
    "ask_overdue",
    "ask_supplement",
    "ask_result_delivery",
    "ask_lost_receipt",
    "withdraw_dossier",
    "follow_dossier",
    "unfollow_dossier",
    "ask_qr_help",
    "list_services",
    "find_procedure",
    "ask_requirements",
    "ask_fee",
    "ask_duration",
    "ask_where",
    "ask_portal_help",
    "ask_announcements",
    "verify_notice",
    "subscribe_topic",
    "unsubscribe_topic",
    "my_subscriptions",
    "ask_office",
    "ask_statistics",
    "rate_service",
    "ask_privacy",
    "delete_my_data",
    "out_of_scope",
)

ANSWERS: Mapping[str, str] = {
    **{intent: f"utter_{intent}" for intent in _FIXED},
    **{intent: f"action_{intent}" for intent in _FULL},
    **dict.fromkeys(POINTERS, POINT_THE_WAY),
    "nlu_fallback": NOT_UNDERSTOOD,
}

# What only buttons ask for: no words lead there, so Rasa knows none of them.
BUTTONS: Mapping[str, str] = {
    "my_dossiers": "action_my_dossiers",
    "mute_dossier": "action_mute_dossier",
    "unmute_dossier": "action_unmute_dossier",
    "rate_dossier": "action_rate_dossier",
    "prove_owner": "action_prove_owner",
}

# Everything a payload may name.
PAYLOADS: Mapping[str, str] = {**ANSWERS, **BUTTONS}
