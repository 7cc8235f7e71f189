"""The keys of this installation: which are in use, and how sealed values move between them."""
