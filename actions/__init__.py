"""Rasa custom actions: each hands its slots to the desk and says what the desk answers."""
