"""The codebook of a study as it is edited: its file, its history in the log, and edits that both take."""
