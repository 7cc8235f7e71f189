"""Mail: written into the database with its cause, sent by a worker."""
