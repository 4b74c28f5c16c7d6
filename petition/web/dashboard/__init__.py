"""The organisers' pages, under ``/organise/``."""
