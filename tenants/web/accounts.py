"""Sign-in: operators only, and nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants.models import User


class ClosedSignup(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Only who knew the password gets here."""
        messages.error(request, "This account is switched off. Ask an owner about it.")
        return redirect("account_login")
