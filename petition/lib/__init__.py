"""Small things that know nothing of petitions."""
