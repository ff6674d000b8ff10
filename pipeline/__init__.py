"""One function per step, segment to export, and the study store. Runs without Prefect."""
