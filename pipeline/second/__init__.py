"""The pass after a run that asks a language model for a second opinion. Imported only where a study names one."""
