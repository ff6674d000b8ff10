"""Exchange with the tools themselves: see ``make peers``."""
