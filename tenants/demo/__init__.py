"""The demo: the whole story, played by real processes against local Okta orgs."""
