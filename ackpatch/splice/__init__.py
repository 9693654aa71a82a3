"""Where to put what: placing calls, building the edits, marking and taking them out again."""
