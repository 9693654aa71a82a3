"""What ackpatch puts into scripts, as a versioned file format: the blocks, the short insertions, taking them out."""
