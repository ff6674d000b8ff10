"""Studies and the files of other tools: what they bring (``hauls``), how it comes in (``imports``), how it goes out."""
