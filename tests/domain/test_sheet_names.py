import pytest

from funnel.domain.sheet_names import Known, SheetColumn, column_of, matched, plain

LEADS = Known("leads", "Leads")
APPOINTMENTS = Known("appointments", "Appointments")
PATIENTS = Known("patients-acquired", "Patients acquired")
RATING = Known("google-rating", "Google rating")
KNOWN = (LEADS, APPOINTMENTS, PATIENTS, RATING)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Leads", "leads"),
        ("LEADS ", "leads"),
        ("# Leads", "leads"),
        ("Number of leads", "leads"),
        ("Total leads", "leads"),
        ("New leads", "leads"),
        ("Inquiries", "leads"),
        ("appts.", "appointments"),
        ("Appointments booked", "appointments"),
        ("Consultations", "appointments"),
        ("patients_acquired", "patients-acquired"),
        ("Patients-Acquired", "patients-acquired"),
        ("New patients", "patients-acquired"),
        ("google rating", "google-rating"),
        ("Google-Rating", "google-rating"),
    ],
)
def test_a_name_is_a_kpi_however_it_is_written(name, slug):
    assert matched([name], KNOWN) == {name: slug}


@pytest.mark.parametrize("name", ["Walk-ins", "", "Rating", "Lead source"])
def test_a_name_that_is_not_surely_a_kpi_is_asked_for(name):
    assert matched([name], KNOWN) == {}


def test_no_synonym_of_a_kpi_that_the_practice_does_not_have():
    assert matched(["Inquiries"], [RATING]) == {}


def test_the_kpi_in_use_comes_before_an_archived_one_of_its_name():
    old = Known("leads-2", "Leads", is_active=False)
    for known in ((old, LEADS), (LEADS, old)):
        assert matched(["Leads"], known) == {"Leads": "leads"}


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Week", SheetColumn.WEEK),
        ("Date", SheetColumn.WEEK),
        ("W/C", SheetColumn.WEEK),
        ("KPI", SheetColumn.KPI),
        ("Value", SheetColumn.VALUE),
        ("Notes", SheetColumn.NOTE),
        ("Monday", SheetColumn.WEEK),
        ("Entered by", SheetColumn.OTHER),
        ("Seen value", SheetColumn.OTHER),
        ("Leads", None),
        ("", None),
    ],
)
def test_headers_of_columns_that_are_no_kpi(header, column):
    assert column_of(header) == column


def test_a_plain_name_has_no_signs():
    assert plain(" Patients_Acquired (#) ") == "patients acquired"
