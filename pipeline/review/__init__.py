"""The review page without its web: what is decided, in which order it is asked, and what it says about quality."""
