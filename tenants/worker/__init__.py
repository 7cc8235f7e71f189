"""What a worker does beside its work: live visibly, tick when nobody does, end when stuck."""
