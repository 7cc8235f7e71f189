"""What operators type: filters, a new tenant, a confirmation."""

from typing import Any
from unicodedata import normalize

from django import forms
from django.conf import settings

from tenants.actions.settling import Settlement
from tenants.choices import FindingState, Health, RunKind, RunState, Severity, TenantState
from tenants.models import Job
from tenants.templatetags.hub import duration


class Filters(forms.Form):
    """Filters live in the address, so what does not parse is left out, never refused."""

    @property
    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def _search(label: str, placeholder: str) -> forms.CharField:
    attrs = {"type": "search", "placeholder": placeholder, "autocomplete": "off"}
    return forms.CharField(
        label=label, required=False, max_length=100, widget=forms.TextInput(attrs)
    )


def _choice(label: str, choices: Any, all_of_them: str = "All") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", all_of_them), *choices])


SORTS = (
    ("findings", "Worst findings first"),
    ("freshness", "Oldest data first"),
    ("secret", "Oldest secret first"),
)


_REMINDED = sorted(settings.SECRET_REMINDER_DAYS)


class FleetFilters(Filters):
    q = _search("Search", "Name or Okta domain")
    health = _choice("Health", Health.choices)
    state = _choice("State", TenantState.choices)
    secret = _choice("Secret", [(days, f"{days} days or older") for days in _REMINDED], "Any age")
    sort = _choice("Sort", SORTS, "Name")


class RunFilters(Filters):
    q = _search("Tenant", "Name or Okta domain")
    state = _choice("State", RunState.choices)
    kind = _choice("Kind", RunKind.choices)


class TenantRunFilters(Filters):
    state = _choice("State", RunState.choices)
    kind = _choice("Kind", RunKind.choices)


class ResourceFilters(Filters):
    q = _search("Search", "Label or Okta id")
    kind = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    gone = _choice("Show", [("yes", "Removed")], "In the org now")


class FindingFilters(Filters):
    severity = _choice("Severity", Severity.choices)
    state = _choice("State", [(FindingState.RESOLVED, "Resolved")], "Open")
    rule = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)


class TenantForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="What you call this customer. They see it too.",
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off"}),
    )
    contact_email = forms.EmailField(
        label="Contact e-mail",
        help_text="The Okta administrator who gets the setup link. No mail is sent by itself.",
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    #: Becomes the tenant's id, so that sending the form twice makes one tenant.
    once = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This form is incomplete. Load the page again."
        ),
    )


class KindForm(forms.Form):
    kind = forms.ChoiceField(choices=[(RunKind.SYNC, "Sync"), (RunKind.AUDIT, "Audit")])


#: Seconds of the intervals that are offered; others are the installation's to set.
INTERVALS = (900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400)


class IntervalForm(forms.Form):
    every = forms.TypedChoiceField(label="Runs", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, job: Job, usual_s: int) -> None:
        """``usual_s``: what holds for jobs that have no interval of their own."""
        super().__init__(data, initial={"every": job.own_every_s})
        known = {*INTERVALS, job.own_every_s or INTERVALS[0]}
        every = [(seconds, f"every {duration(seconds)}") for seconds in sorted(known)]
        usual = [("", f"as for all tenants: every {duration(usual_s)}")]
        self.fields["every"].choices = [*usual, *every]  # type: ignore[attr-defined]


def _read_aloud(name: str) -> str:
    """A name without what nobody sees: an é of one sign or of two, capitals, blanks."""
    return " ".join(normalize("NFKC", name).split()).casefold()


class ConfirmForm(forms.Form):
    """Asks for the tenant's name before something that cannot be taken back."""

    name = forms.CharField(widget=forms.TextInput({"autocomplete": "off", "autofocus": True}))

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["name"].label = "Type the tenant's name to confirm"
        self.fields["name"].help_text = expected

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if _read_aloud(name) != _read_aloud(self.expected):
            raise forms.ValidationError("This is not the tenant's name.")
        return name


class SwitchForm(ConfirmForm):
    """What is asked for stands in the form itself: the mirror may have moved on since."""

    #: Becomes the run's id, so that sending the form twice makes one run.
    once = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This form is incomplete. Load the page again."
        ),
    )
    after = forms.CharField(max_length=32, widget=forms.HiddenInput)


class SettleForm(forms.Form):
    settlement = forms.ChoiceField(choices=[(each.value, each.name) for each in Settlement])


class PauseFleetForm(forms.Form):
    reason = forms.CharField(
        label="Why, for your colleagues",
        max_length=200,
        help_text="Shown on every page until the fleet is resumed.",
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
