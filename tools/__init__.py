"""Programs for the people who work on ackpatch."""
