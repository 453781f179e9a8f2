"""The desk's own reasoning: plain values in, plain values out; no IO lives here."""
