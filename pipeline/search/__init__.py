"""Searching a study: by words, by meaning, and for passages like another."""
