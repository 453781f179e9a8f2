"""Official documents that come in from the province's document system."""
