"""What the data are: transcripts, codebooks, seed quotations, codings, and the readers that make them."""
