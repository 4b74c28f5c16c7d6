"""Work that is done outside requests."""
