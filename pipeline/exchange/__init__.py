"""Files of other tools: what one brings (`found`), its readers (`bundle`), how a study takes it in (`importing`)."""
