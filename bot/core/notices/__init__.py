"""Official notices on their way from draft to done: written, approved by another, sent once."""
