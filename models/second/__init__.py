"""A local language model as second opinion. Nothing here is imported unless a study names a model's address."""
