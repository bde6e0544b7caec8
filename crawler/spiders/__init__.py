"""The spiders: declarations of what is scanned; their common behaviour is in `base`."""
