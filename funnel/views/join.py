from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from funnel.actions.staff import accept
from funnel.models import Staff


@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponse:
    places = Staff.objects.active().select_related("practice")
    staff = get_object_or_404(places, practice__slug=slug, user=request.user)
    accept(by=request.user, staff=staff)  # type: ignore[arg-type]
    messages.success(request, f"You have joined {staff.practice.name}.")
    return redirect(staff.practice)
