from django.http import Http404, HttpRequest, HttpResponse


def tv(request: HttpRequest, token: str) -> HttpResponse:
    """Not there yet."""
    raise Http404("Not there yet.")
