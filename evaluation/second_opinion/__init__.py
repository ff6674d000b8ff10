"""Whether a language model's second opinion helps on a study's own codings. Imported only where a study names one."""
