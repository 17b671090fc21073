from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest

from funnel.admin.scope import own_practices
from funnel.models import Staff

# Beyond that, use the search and links.
MOST_PRACTICES = 50


class PracticeFilter(admin.SimpleListFilter):
    """For admins of several practices."""

    title = "practice"
    parameter_name = "practice"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.ids = {practice.slug: practice.pk for practice in own_practices(request)}
        self.path = model_admin.practice_path
        named = [(practice.slug, practice.name) for practice in own_practices(request)]
        if len(named) > MOST_PRACTICES:
            return [(slug, name) for slug, name in named if slug == self.value()]
        return named if len(named) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(**{self.path: self.ids.get(str(self.value()))})


class DefaultFilter(admin.SimpleListFilter):
    """Without "All" as the default."""

    default = ""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        name = str(self.parameter_name)
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[name]),
            "display": self.default,
        }
        for value, words in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({name: value}),
                "display": words,
            }


class ArchivedFilter(DefaultFilter):
    title = "use"
    parameter_name = "archived"
    default = "In use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Archived"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "yes")


class NeedsOwnerFilter(admin.SimpleListFilter):
    """Without an owner who holds the role."""

    title = "owner"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("needed", "Needs an owner"), ("none", "No owner"), ("role", "Without the role")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "needed":
                return self.unmet(queryset)
            case "none":
                return queryset.filter(holding__isnull=True)
            case "role":
                return queryset.filter(owner_holds_role=False, holding__isnull=False)
        return queryset

    @staticmethod
    def unmet(kpis: QuerySet[Any]) -> QuerySet[Any]:
        return kpis.filter(owner_holds_role=False)


class WorksHereFilter(DefaultFilter):
    title = "works here"
    parameter_name = "works"
    default = "Yes"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "No longer"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(is_active=self.value() != "no")


class ChoiceFilter(admin.SimpleListFilter):
    choices_of: type[TextChoices]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.value, one.label.split(":")[0]) for one in self.choices_of]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.choices_of.values:
            return queryset
        return queryset.filter(**{str(self.parameter_name): self.value()})


class AccessFilter(ChoiceFilter):
    title = "access"
    parameter_name = "access"
    choices_of = Staff.Access
