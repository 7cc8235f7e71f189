"""The durable engine. The database is the queue; Redis only carries doorbells (ADR 0001)."""
