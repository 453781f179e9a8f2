"""Tables that limit guessing: wrong codes, proofs of ownership, revoked slips."""
