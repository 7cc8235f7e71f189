"""Handing mails to the mail server.

Who sends a mail has it to themselves for a while, so that no other worker sends it meanwhile. If
they die between the server's yes and writing it down, nobody knows whether it was sent: it is sent
again, under the same Message-ID, by which mail programs tell it from a new one.
"""

import logging
import time
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models import AuditEvent, Mail

#: At most so many in one go: a worker has other things to do.
BATCH = 50
#: Seconds after which no further mail is begun, however slow the server: the next tick goes on.
SENDING_S = 60.0
#: Longer than a mail server may take for one mail.
HELD_FOR = timedelta(minutes=10)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60, 3600
#: A reminder that could not be sent for so long says nothing any more.
GIVEN_UP_AFTER = timedelta(days=7)

logger = logging.getLogger(__name__)


def mails_due() -> "QuerySet[Mail]":
    return Mail.objects.filter(sent_at=None, given_up_at=None, not_before__lte=Now())


def send_due_mails() -> int:
    """Send what is due, oldest first; returns how many the mail server took.

    After a failure that is the server's and not the mail's, the rest waits for the next time.
    """
    sent, until = 0, time.monotonic() + SENDING_S
    for mail in mails_due().order_by("not_before")[:BATCH]:
        if (
            not mails_due()
            .filter(pk=mail.pk)
            .update(not_before=Now() + HELD_FOR, attempts=F("attempts") + 1)
        ):
            continue  # another worker has it
        mail.refresh_from_db()
        try:
            _message(mail).send()
        except (SMTPRecipientsRefused, SMTPSenderRefused, ValueError) as exc:
            # The last is an address that cannot even be written.
            _put_off(mail, exc)
        except (SMTPException, OSError) as exc:
            _put_off(mail, exc)
            break
        else:
            Mail.objects.filter(pk=mail.pk).update(sent_at=Now(), error="", body="")
            sent += 1
        if time.monotonic() >= until:
            break
    return sent


def forget_old_mails() -> int:
    """Delete mails that ended more than ``RUN_HISTORY_DAYS`` ago; returns how many."""
    before = Now() - timedelta(days=settings.RUN_HISTORY_DAYS)
    old = Mail.objects.filter(created_at__lt=before)
    ended = old.exclude(sent_at=None, given_up_at=None).values_list("pk", flat=True)[:BATCH]
    return Mail.objects.filter(pk__in=list(ended)).delete()[0]


def forget_mails_about(tenant_id: UUID) -> None:
    """Delete what is still to be sent about many tenants, if this is one of them."""
    Mail.objects.filter(tenant=None, body__contains=str(tenant_id)).delete()


def _message(mail: Mail) -> EmailMessage:
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {
        "Message-ID": f"<{mail.pk}@{host}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies, please
    }
    return EmailMessage(
        mail.subject,
        mail.body,
        to=[mail.to],
        headers=headers,
        reply_to=[settings.SUPPORT_EMAIL],
    )


def _put_off(mail: Mail, error: Exception) -> None:
    """Try again later: at first after a minute, then after twice as long each time."""
    logger.warning("mail %s not sent: %s", mail.pk, type(error).__name__)
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (mail.attempts - 1))
    kept = Mail.objects.filter(pk=mail.pk)
    kept.update(not_before=Now() + timedelta(seconds=pause_s), error=type(error).__name__)
    if mail.created_at < timezone.now() - GIVEN_UP_AFTER and kept.update(
        given_up_at=Now(), body=""
    ):
        AuditEvent.objects.record(
            "mail.given_up", tenant=mail.tenant, mail=str(mail.pk), error=type(error).__name__
        )
