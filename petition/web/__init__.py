"""Pages, counters and everything else that answers HTTP."""
