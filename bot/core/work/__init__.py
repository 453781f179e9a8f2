"""The worker's lanes: one step at a time, with the time as an argument."""
