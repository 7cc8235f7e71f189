"""Media types that operations send and answer with, the preferred one first."""

JSON = ("application/json",)
FORM = ("application/x-www-form-urlencoded",)
MULTIPART = ("multipart/form-data",)

#: The OpenAPI has text/xml alone; recorded orgs were asked for application/xml and sent that.
XML = ("application/xml", "text/xml")

#: Okta picks by what the caller accepts.
CSR = ("application/json", "application/pkcs10")

#: PEM, and two names for DER.
CERTIFICATE = ("application/x-pem-file", "application/x-x509-ca-cert", "application/pkix-cert")

NOTHING: tuple[str, ...] = ()
