"""Prefect flows and the command line. Only wraps: the logic lives in the layers below."""
