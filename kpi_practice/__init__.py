"""The project: settings, addresses and what every page passes through."""
