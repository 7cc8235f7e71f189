"""``manage.py keys``: what it takes, what it says, and how it ends."""
