"""MotCua: the chat desk of a province."""
