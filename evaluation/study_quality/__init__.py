"""What a study's own decisions say about it while it is being coded: progress, agreement, what was missed."""
