"""Protocols: what is measured, on which data, against which baselines."""
