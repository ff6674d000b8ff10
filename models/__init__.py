"""What turns text into vectors (embedders) and vectors into scores (the suggester)."""
