"""Rules and queries; no Flask, no commits."""
