"""What a study's talk and codings look like: words, codes together, by group and over the course of an interview."""
