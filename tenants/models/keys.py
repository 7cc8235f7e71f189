"""What proves that a key is the one that values were sealed with."""

from django.db import models


class KeyCanary(models.Model):
    """A worthless value, sealed with the first secret under its key: opening it proves the key."""

    key_id = models.CharField(max_length=32, primary_key=True)
    sealed = models.TextField()
    #: The public half of a key that has one, as seen by somebody who holds the other half.
    public = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.key_id
