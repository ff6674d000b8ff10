"""De-identification before coding: proposes what identifies people, and replaces what a researcher confirms."""
