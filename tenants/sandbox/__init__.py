"""Local Okta orgs over real TLS, for demos, development and tests.

They run apart from the product, in a thread or a process of their own, and refuse whatever Okta
refuses. Nothing of the product is imported here except the operations catalogue, and nothing in
the product imports this room.
"""
