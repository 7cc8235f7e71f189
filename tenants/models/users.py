"""People who sign in. Customer admins come by setup link; operators are our staff."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from tenants.choices import OperatorRole
from tenants.models.base import UuidModel


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(UuidModel, AbstractBaseUser, PermissionsMixin):
    #: Always lower case; see UserManager.
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    #: Empty means that this person is not one of our operators.
    operator_role = models.CharField(max_length=10, choices=OperatorRole, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_operator(self) -> bool:
        return bool(self.operator_role)

    @property
    def may_act(self) -> bool:
        """Whether this operator may steer runs and tenants, not only watch."""
        return self.operator_role in {OperatorRole.OPERATOR, OperatorRole.OWNER}
