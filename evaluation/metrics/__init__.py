"""Scores and their intervals, from arrays of labels and probabilities."""
