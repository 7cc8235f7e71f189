"""Push providers: the accounts at Apple and Google."""

from typing import Any

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY


def tour(guide: Guide) -> None:
    guide.ask("listPushProviders")
    for body in (_apple("Phones"), _google("Tablets")):
        made = guide.ask("createPushProvider", body=body)
        guide.ask("getPushProvider", made["id"])
        guide.ask("listPushProviders", query={"type": body["providerType"]})
        renamed = {**body, "name": f"{body['name']}, renamed"}
        guide.ask("replacePushProvider", made["id"], body=renamed)
        guide.ask("deletePushProvider", made["id"])
        guide.expect((404, "E0000007"), "getPushProvider", made["id"])
    guide.expect((400, "E0000001"), "createPushProvider", body={"providerType": "APNS"})
    guide.expect((404, "E0000007"), "replacePushProvider", NOBODY, body=_apple("Nobody's"))


def _apple(name: str) -> dict[str, Any]:
    configuration = {
        "keyId": "ABC1234567",
        "teamId": "DEF9876543",
        "fileName": "tour.p8",
        "tokenSigningKey": "-----BEGIN PRIVATE KEY-----\nfor the tour\n-----END PRIVATE KEY-----\n",
    }
    return {"providerType": "APNS", "name": name, "configuration": configuration}


def _google(name: str) -> dict[str, Any]:
    account = {
        "type": "service_account",
        "project_id": "the-tour",
        "private_key_id": "1",
        "private_key": "-----BEGIN PRIVATE KEY-----\nfor the tour\n-----END PRIVATE KEY-----\n",
        "client_email": "tour@the-tour.example.com",
        "client_id": "1",
        "auth_uri": "https://accounts.example.com/auth",
        "token_uri": "https://accounts.example.com/token",
        "auth_provider_x509_cert_url": "https://accounts.example.com/certs",
        "client_x509_cert_url": "https://accounts.example.com/cert",
    }
    configuration = {"fileName": "tour.json", "serviceAccountJson": account}
    return {"providerType": "FCM", "name": name, "configuration": configuration}
