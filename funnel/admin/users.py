"""Logins, for superusers only."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from funnel.admin.base import ReadOnlyAdmin
from funnel.models import User


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    practice_path = "pk"
    practice_column = None
    list_display = ["email", "is_active", "is_superuser", "last_login"]
    search_fields = ["email"]
    fields = ["email", "is_active", "is_superuser", "joined_at", "last_login", "has_places"]
    ordering = ["email"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Empty for other users, everywhere in the admin."""
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.none()

    def is_own(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A login belongs to no practice."""
        return request.user.is_superuser

    @admin.display(description="places")
    def has_places(self, user: User) -> str:
        places = user.places.select_related("practice").order_by("practice__name")
        return ", ".join(f"{place.practice.name} ({place.access})" for place in places) or "none"
