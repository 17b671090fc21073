"""A token from its page into a program, and the API's own pages under the content policy."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]


def test_a_token_is_made_copied_used_and_revoked(page, sign_in, live_server, playwright):
    sign_in(page.context, "coordinator@lumina.example")
    page.goto("/practices/lumina/")
    page.get_by_text("Dana", exact=True).click()
    page.get_by_role("link", name="API tokens").click()
    page.get_by_role("textbox", name="What uses it").fill("Monday's report")
    page.get_by_label("It may also enter numbers").check()
    page.get_by_role("button", name="Create the token").click()
    field = page.get_by_role("textbox", name="The token", exact=True)
    expect(field).to_have_value(re.compile(r"^kpi_[\w-]{32}$"))
    text = field.input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the token").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    headers = {"Authorization": f"Bearer {text}"}
    program = playwright.request.new_context(base_url=live_server.url, extra_http_headers=headers)
    assert program.get("/api/v1/practices/lumina/").json()["me"]["name"] == "Dana"
    page.reload()
    expect(field).to_have_value(text)
    assert page.get_by_role("heading", name="Monday's report", exact=True).count() == 1
    page.get_by_text("Revoke it").click()
    page.get_by_role("button", name="Revoke Monday's report").click()
    expect(page.get_by_role("status")).to_contain_text("is revoked. It no longer works.")
    assert program.get("/api/v1/practices/lumina/").status == 401
    program.dispose()


def test_the_apis_own_pages_load_nothing_from_elsewhere_and_try_an_operation_out(
    page, watch, sign_in
):
    """Nothing is blocked and nothing is asked of another host: the watch would say so. Signed in,
    an operation that writes is sent with the page's own token."""
    sign_in(page.context, "coordinator@lumina.example")
    page.goto("/api/v1/docs")
    operation = page.locator("#operations-Entries-put_entry")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("slug").fill("lumina")
    operation.get_by_placeholder("kpi").fill("patients-acquired")
    operation.get_by_placeholder("week").fill("2026-W47")
    operation.locator("textarea.body-param__text").fill('{"value": 11}')
    with page.expect_response("**/entries/patients-acquired/2026-W47/") as answered:
        operation.get_by_role("button", name="Execute").click()
    assert answered.value.status == 201
    assert answered.value.json()["entered_by"] == "Dana"
    expect(page.locator(".opblock")).to_have_count(14)
