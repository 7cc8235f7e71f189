"""The life of a tenant's connection: invite, submit, prove, promote, pause."""
