"""An open-data advocacy petition platform."""
