"""One inbound message in, one turn out."""
