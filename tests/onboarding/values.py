"""What a customer's admin pastes in these tests."""

CLIENT_ID = "0oa1b2c3d4e5f6g7h8i9"
SECRET = "canary-Zx81kQpVt40-mN7rY2wLs9dF3hJ6gB5cA"


def pasted(**changed: str) -> dict[str, str]:
    return {
        "okta_domain": "acme.okta.com",
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        **changed,
    }
