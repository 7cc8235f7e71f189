"""The mirror of each org: which kinds there are, how they are read, and how they changed."""
