"""The files a researcher takes away: suggestions as CSV, JSONL and XLSX, and a page that shows them in context.

``rows`` turns suggestions into rows; one writer a format. A file appears whole or not at all.
"""

from pipeline.export.flat import write_csv, write_jsonl
from pipeline.export.page import Document, write_page
from pipeline.export.rows import Origin, SuggestionRow, rows_of
from pipeline.export.workbook import write_xlsx

__all__ = ["Document", "Origin", "SuggestionRow", "rows_of", "write_csv", "write_jsonl", "write_page", "write_xlsx"]
