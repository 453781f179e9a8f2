"""Pictures drawn with Pillow, and the fonts for them."""
