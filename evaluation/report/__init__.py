"""What comes out of a benchmark: result files, tables, the HTML report."""
