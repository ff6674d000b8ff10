"""What the data are: transcripts, codebooks, seed quotations, codings, and the readers that make them."""

from corpus.telemetry import switch_off_telemetry

switch_off_telemetry()
