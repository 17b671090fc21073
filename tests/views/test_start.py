import pytest
from django.core import mail

from funnel.models import *

pytestmark = pytest.mark.django_db


def test_all(client):
    r = client.get("/")
    print(r.url)
    r = client.get(r.url)
    print(r.url)
    r = client.get("/start/")
    assert r.status_code == 200
    r = client.post(
        "/start/",
        {
            "email": "ana@lumina.example",
            "password": "a-long-new-word-7",
            "again": "a-long-new-word-7",
        },
    )
    print(r.status_code, r.get("Location"))
    if r.status_code == 200:
        print(r.content.decode()[-3000:])
    r = client.get("/start/")
    print(len(r.content))
    r = client.post(
        "/start/",
        {
            "name": "Lumina Aesthetics",
            "your_name": "Ana",
            "time_zone": "America/New_York",
            "currency": "USD",
            "meeting_weekday": "1",
            "meeting_time": "09:00",
            "value_per_patient": "3,200",
        },
    )
    print(r.status_code, r.get("Location"))
    u = r.url
    r = client.get(u)
    assert r.status_code == 200
    ana = Staff.objects.get()
    d = {
        "leads-who": ana.pk,
        "appointments-who": "new",
        "appointments-name": "Maya",
        "appointments-email": "maya@lumina.example",
        "patients-acquired-role": "Doctor",
        "patients-acquired-who": "none",
    }
    r = client.post(u, d)
    print(r.status_code, r.get("Location"))
    u = r.url
    r = client.get(u)
    assert r.status_code == 200
    r = client.post(u, {"leads": "100", "appointments": "40", "patients-acquired": "20"})
    u = r.url
    print(u)
    r = client.get(u)
    assert r.status_code == 200
    r = client.post(u, {"do": "go"})
    u = r.url
    print(u)
    r = client.get(u)
    assert r.status_code == 200
    print(r.content.decode()[2000:])
    r = client.post(u, {"do": "invite"})
    print(r.status_code, r.get("Location"))
    print([m.to for m in mail.outbox])
