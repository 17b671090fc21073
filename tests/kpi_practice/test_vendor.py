"""kpi_practice/vendor.py: npm's files, by list only."""

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from kpi_practice import vendor


@pytest.fixture
def empty_node_modules(monkeypatch, tmp_path):
    monkeypatch.setattr(vendor, "NODE_MODULES", tmp_path)


@pytest.mark.parametrize("name", vendor.FILES)
def test_every_listed_file_is_found_under_its_public_name(name):
    assert finders.find(name) == str(vendor.NODE_MODULES / vendor.FILES[name])


@pytest.mark.parametrize("name", [name for name in vendor.FILES if name.endswith(".map")])
def test_a_source_map_belongs_to_a_listed_file_that_names_it(name):
    text = (vendor.NODE_MODULES / vendor.FILES[name.removesuffix(".map")]).read_text()
    assert f"sourceMappingURL={name.rsplit('/', 1)[1]}" in text


@pytest.mark.parametrize("name", ["vendor/chartjs/package.json", "chart.js/package.json"])
def test_no_other_file_of_npm_is_served(name):
    assert finders.find(name) is None


def test_no_path_leads_out_of_the_list():
    assert finders.find("vendor/chartjs/../../package.json") is None


def test_collectstatic_takes_exactly_the_listed_files():
    collected = {name for name, _ in vendor.VendorFinder().list([])}
    assert collected == set(vendor.FILES)


def test_no_complaint_when_all_are_installed():
    assert vendor.check_vendor_files(None) == []


@pytest.mark.usefixtures("empty_node_modules")
def test_a_missing_file_is_an_error_that_says_run_npm_ci():
    [error] = vendor.check_vendor_files(None)
    assert "chart.js/dist/chart.umd.min.js" in error.msg
    assert "Run npm ci" in error.hint
    assert finders.find("vendor/chartjs/chart.umd.min.js") is None


def test_the_manifest_storage_finds_everything_that_a_static_file_names(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = (tmp_path / "staticfiles.json").read_text()
    assert '"vendor/chartjs/chart.umd.min.js": "vendor/chartjs/chart.umd.min.' in manifest
