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

RICH_TEXT_PIECE = 100_000
"""Characters of rich text that are parsed at once; a single group may be five times as long."""

RICH_TEXT_GROUPS = 500_000
"""Most groups in a rich text, all of which may be open at once."""

JSON_CHARACTERS = 15_000_000
"""Longest JSON: parsed, it may take forty times its length."""

TEXT_GRID_CHARACTERS = 5_000_000
"""Longest TextGrid: parsed, it may take a hundred times its length."""

TABLE_ROWS = 200_000
"""Most rows of a table that are not blank, and ``TABLE_COLUMNS`` the most columns of a sheet that are looked at."""
TABLE_COLUMNS = 500
TABLE_CHARACTERS = 25_000_000
"""Longest CSV file: one line of it is taken apart at once."""

PDF_BYTES = 50_000_000
"""Largest PDF."""

PDF_PAGES = 2_000
"""Most pages of a PDF, ``PDF_CHARACTERS`` the most text in it, ``PDF_SECONDS`` the longest that reading it may take."""
PDF_CHARACTERS = 4_000_000
PDF_SECONDS = 60.0

ANNOTATION_CHARACTERS = 20_000_000
"""Longest ELAN, EXMARaLDA or CHAT transcript."""

PAGE_CHARACTERS = 20_000_000
"""Longest web page."""

CONVERSION_SECONDS = 60.0
"""Longest that LibreOffice may take for an old Word document."""
