"""The Rasa pipeline's own components and the model they train."""
