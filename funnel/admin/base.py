from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.messages.storage import default_storage
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin

from funnel.access import May, Seat, refuse
from funnel.actions.writing import touch, writes
from funnel.admin.scope import own_ids, own_practices, seat_of, today_in
from funnel.models import Practice


class ScopedAdmin(admin.ModelAdmin):
    """Rows of the user's practices, all for superusers; no deletion.

    `practice_path` leads to the practice's id.
    """

    practice_path = "practice_id"
    practice_column: str | None = "practice"
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    view_on_site: Any = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.practice_path}__in": own_ids(request)})

    def is_own(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Without a row: admin of any practice."""
        if request.user.is_superuser:
            return True
        if obj is None:
            return bool(own_ids(request))
        return attrgetter(self.practice_path.replace("__", "."))(obj) in own_ids(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_own(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_own(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.is_own(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = list(super().get_list_display(request))
        if self.practice_column and len(own_ids(request)) > 1:
            shown.insert(1, self.practice_column)
        return shown

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Any other lookup could reveal hidden fields letter by letter.
        filters: Any = self.list_filter
        return lookup in {listed.parameter_name for listed in filters}

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        kwargs["queryset"] = self._own_rows(db_field.remote_field.model, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[Any] | None":
        kwargs["queryset"] = self._own_rows(db_field.remote_field.model, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _own_rows(self, model: type[Model], request: HttpRequest) -> QuerySet[Any]:
        return self.admin_site.get_model_admin(model).get_queryset(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One write for all actions, retried after a deadlock."""

        def view() -> HttpResponse:
            # Without messages of a first attempt.
            request._messages = default_storage(request)  # type: ignore[attr-defined]
            return super(ScopedAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            )

        try:
            # Not around a GET: on SQLite every transaction waits for other writers.
            return writes(view)() if request.method == "POST" else view()
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return redirect(request.get_full_path())


class ReadOnlyAdmin(ScopedAdmin):
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class HistoryAdmin(SimpleHistoryAdmin, ScopedAdmin):
    """Nothing can be reverted from the history."""

    object_history_template = "admin/row_history.html"

    def get_urls(self) -> list[URLPattern]:
        # The library's page of one version accepts a POST from anyone who may view it.
        return [u for u in super().get_urls() if not (u.name or "").endswith("_simple_history")]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.get_object(request, unquote(object_id)) is None:
            gone: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return gone
        page: HttpResponse = super().history_view(request, object_id, extra_context)
        return page

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True


class PracticeRowAdmin(ScopedAdmin):
    """The practice is chosen before the form and cannot change."""

    def practice_for(self, request: HttpRequest, obj: Any | None = None) -> Practice | None:
        """None while it must be chosen."""
        if obj is not None:
            practice: Practice = obj.practice
            return practice
        own = own_practices(request)
        if chosen := request.GET.get("practice"):
            own = [practice for practice in own if practice.slug == chosen]
        return own[0] if len(own) == 1 else None

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_add_permission(request) and self.practice_for(request) is None:
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"Add {self.opts.verbose_name}",
                "practices": own_practices(request),
            }
            return TemplateResponse(request, "admin/choose_practice.html", context)
        return super().add_view(request, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any
    ) -> "type[forms.ModelForm[Any]]":
        form: Any = super().get_form(request, obj, change, **kwargs)
        practice = self.practice_for(request, obj)
        if practice is None:
            refuse(May.CHOOSE_PRACTICE)
        form.practice, form.today = practice, today_in(practice)
        seat = seat_of(request, practice)
        form.act = lambda filled: self.act(seat, filled)
        made: type[forms.ModelForm[Any]] = form
        return made

    def act(self, by: Seat, form: Any) -> Model:
        """Return the saved row. Raises ValidationError by form field."""
        form.instance._history_user = by.user
        form.instance.save()
        touch(by.practice.pk)
        saved: Model = form.instance
        return saved

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = form.act().pk


@contextmanager
def naming(**fields: str) -> Iterator[None]:
    """Rename fields of a ValidationError; `otherwise` is for errors without."""
    otherwise = fields.pop("otherwise", "__all__")
    try:
        yield
    except ValidationError as refusal:
        found = refusal.update_error_dict({})
        raise ValidationError(
            {fields.get(field, otherwise): errors for field, errors in found.items()}
        ) from refusal


def warning(words: str) -> str:
    return format_html(
        '<strong class="to-mend"><span aria-hidden="true">▲</span> {}</strong>', words
    )
