"""What fills an org: realistic objects, the same for the same host and sizes."""
