"""The audit: rules over the mirror, findings that open and resolve by themselves."""
