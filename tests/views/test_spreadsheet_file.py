import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from funnel.models import Import, WeeklyEntry
from tests.cast import make_cast
import time_machine

pytestmark = pytest.mark.django_db


def test_flow(client):
    cast = make_cast()
    client.force_login(cast.manager.user)
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        r = client.post(
            reverse("import", args=["lumina"]),
            {"file": SimpleUploadedFile("a.csv", b"Week,Leads,Foo\n03/04/2026,5,6\n")},
        )
        assert r.status_code == 302, r.content.decode()
        page = client.get(r.url)
        t = page.content.decode()
        assert "03/04/2026" in t
        r = client.post(r.url, {"do": "answer", "order": "day", "name-0": "-"})
        assert r.status_code == 302, r.content.decode()[3000:]
        page = client.get(r.url)
        t = page.content.decode()
        assert "Import 1 number" in t
        r = client.post(
            r.url, {"do": "import", "reason": "x"}, headers={"Accept": "application/x-ndjson"}
        )
        print(b"".join(r.streaming_content))
        assert WeeklyEntry.objects.count() == 1
        i = Import.objects.get()
        r = client.post(reverse("import-file", args=["lumina", i.pk]), {"do": "undo"})
        assert r.status_code == 302
        assert WeeklyEntry.objects.count() == 0
        print(client.get(r.url).content.decode()[3000:])
        assert client.get(reverse("import", args=["lumina"])).status_code == 200
