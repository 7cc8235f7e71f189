"""Putting a mail into the outbox."""

from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.template.loader import render_to_string

from tenants.models import Mail, Tenant


def mail_write(*, to: str, template: str, tenant: Tenant | None = None, **facts: Any) -> Mail:
    """Commit a mail to be sent; call it in the transaction of its cause.

    ``template`` is a name in ``templates/mail``. Its first line is the subject, the text follows
    after an empty line.
    """
    told = {
        "vendor_name": settings.VENDOR_NAME,
        "integration_name": settings.INTEGRATION_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "public_url": settings.PUBLIC_URL,
        "tenant": tenant,
        **facts,
    }
    text = render_to_string(f"mail/{template}.txt", told)
    subject, _, body = text.strip().partition("\n")
    return Mail.objects.create(
        tenant=tenant,
        to=to,
        subject=" ".join(subject.split())[:200],
        body=body.strip() + "\n",
        not_before=Now(),  # by the clock that will say when it is due
    )
