"""What a file from outside may cost, in one place."""

FILE_BYTES = 100_000_000
"""Largest file that is opened at all. A transcript of 300,000 words is about 2 MB of text."""

UNPACKED_BYTES = 100_000_000
"""Largest sum of the unpacked parts of a Word, OpenDocument or Excel file, declared and real."""

MARKS = 2_000_000
"""Most elements and attributes in one XML part: a parsed one takes up to 200 bytes, however short it is written."""

PACKAGE_PARTS = 5_000
"""Most parts such a file may have; Word itself writes about twenty, plus one for each picture."""

CONTROL_SHARE = 0.01
"""Largest share of control characters in something that is still taken for text."""

RICH_TEXT_CHARACTERS = 10_000_000
"""Longest rich text without its pictures: its parser takes one character at a time."""

RICH_TEXT_GROUPS = 500_000
"""Most groups in a rich text, all of which may be open at once."""
