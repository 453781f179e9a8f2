"""Rasa behind one protocol: inside this process, or a stock server over REST."""
