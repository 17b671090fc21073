"""See docs/production.md; validated by the pages' forms."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from funnel.domain import numbers
from funnel.forms.entry import UNREADABLE
from funnel.forms.start import PracticeForm
from funnel.forms.start_who import COORDINATOR, DOCTOR, QuestionForm
from funnel.models import KPI, Practice, Staff

MOST_BYTES = 1_000_000
STAGES = ("leads", "appointments", "patients-acquired")
TABLES = ("people", "targets")


class PracticeFileRefused(Exception):
    """One message per error."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class WholeForm(PracticeForm):
    slug = forms.SlugField(
        max_length=50,
        error_messages=UNREADABLE
        | {
            "required": "Enter a short name in lowercase letters, as in lumina-downtown.",
            "invalid": "Write it in letters, digits and hyphens, as in lumina-downtown.",
        },
    )
    patients_role = forms.ChoiceField(
        choices=[(DOCTOR, DOCTOR), (COORDINATOR, COORDINATOR)],
        error_messages={"invalid_choice": f"Write {DOCTOR} or {COORDINATOR}."},
    )
    began_on = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Write a day, as in 2024-01-08."},
    )


class PersonForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        error_messages=UNREADABLE
        | {
            "required": "Enter their name, as the team calls them.",
            "max_length": "A name has at most 80 characters.",
        },
    )
    title = QuestionForm.base_fields["title"]
    email = forms.EmailField(
        error_messages=UNREADABLE
        | {
            "required": "Enter their e-mail address: they sign in with it.",
            "invalid": "Write an e-mail address, as in tom@practice.example.",
        },
    )
    access = forms.ChoiceField(
        choices=Staff.Access.choices,
        error_messages={"invalid_choice": "Choose viewer, member, manager or admin."},
    )


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`answers_for` are stage slugs."""

    name: str
    title: str
    email: str
    access: str
    answers_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PracticeRow:
    settings: dict[str, Any]
    people: tuple[PersonRow, ...]
    targets: dict[str, Decimal]

    @property
    def slug(self) -> str:
        return str(self.settings["slug"])


def read(content: bytes) -> list[PracticeRow]:
    """Raises FileRefused with all errors."""
    found = _tables(content)
    refused: list[str] = []
    rows = [_practice(table, number, refused) for number, table in enumerate(found, start=1)]
    slugs = [row.slug for row in rows if "slug" in row.settings]
    refused += [
        f"{slug}: two practices have this short name."
        for slug in sorted(set(slugs))
        if slugs.count(slug) > 1
    ]
    if refused:
        raise PracticeFileRefused(*refused)
    return rows


def _tables(content: bytes) -> list[Any]:
    if len(content) > MOST_BYTES:
        raise PracticeFileRefused(f"The file has more than {MOST_BYTES:,} bytes.")
    try:
        told = tomllib.loads(content.decode(), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise PracticeFileRefused("The file is not in UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise PracticeFileRefused(f"This is not TOML: {error}.") from error
    if unknown := sorted(told.keys() - {"practice"}):
        raise PracticeFileRefused(f"{unknown[0]}: unknown. The file contains [[practice]] tables.")
    found = told.get("practice")
    if not isinstance(found, list) or not found:
        raise PracticeFileRefused("The file has no practice. Start with [[practice]].")
    return found


def _practice(table: Any, number: int, refused: list[str]) -> PracticeRow:
    where = f"practice {number}"
    if not isinstance(table, dict):
        refused.append(f"{where}: write a [[practice]] table.")
        return PracticeRow({}, (), {})
    if isinstance(name := table.get("name"), str):
        where += f" ({name})"
    proposed = {"patients_role": COORDINATOR, **PracticeForm.proposed()}
    told = {**proposed, **{key: it for key, it in table.items() if key not in TABLES}}
    told.setdefault("slug", slugify(_text(told.get("name"))))
    days = {day.label: day.value for day in Practice.Weekday}
    told["meeting_weekday"] = days.get(told["meeting_weekday"], told["meeting_weekday"])
    settings = _checked(WholeForm, told, where, refused)
    if settings.get("began_on", "") is None:
        del settings["began_on"]
    people = tuple(_people(table.get("people", []), where, refused))
    _check_owners(people, where, refused)
    return PracticeRow(settings, people, _targets(table.get("targets", {}), where, refused))


def _people(tables: Any, where: str, refused: list[str]) -> Iterator[PersonRow]:
    if not isinstance(tables, list):
        refused.append(f"{where}, people: write [[practice.people]] tables.")
        return
    for number, table in enumerate(tables, start=1):
        here = f"{where}, person {number}"
        if not isinstance(table, dict):
            refused.append(f"{here}: write a [[practice.people]] table.")
            continue
        stages = table.get("answers_for", [])
        told = {"access": Staff.Access.MEMBER.value, **table}
        told.pop("answers_for", None)
        said = _checked(PersonForm, told, here, refused)
        if not isinstance(stages, list) or not all(it in STAGES for it in stages):
            refused.append(f"{here}, answers_for: write a list of {', '.join(STAGES)}.")
        elif said:
            yield PersonRow(**said, answers_for=tuple(stages))


def _check_owners(people: tuple[PersonRow, ...], where: str, refused: list[str]) -> None:
    for slug in STAGES:
        owners = [person.name for person in people if slug in person.answers_for]
        if len(owners) > 1:
            refused.append(f"{where}, {slug}: {' and '.join(owners)} are its owners. Name one.")


def _targets(table: Any, where: str, refused: list[str]) -> dict[str, Decimal]:
    if not isinstance(table, dict):
        refused.append(f"{where}, targets: write a [practice.targets] table.")
        return {}
    values = {}
    for slug, value in table.items():
        if slug not in STAGES:
            refused.append(f"{where}, targets, {slug}: unknown. Write {', '.join(STAGES)}.")
            continue
        try:
            values[slug] = numbers.parse(_text(value), KPI.Unit.COUNT)
        except numbers.NumberRefused as refusal:
            refused.append(f"{where}, targets, {slug}: {refusal.sentence}")
    return values


def _checked(
    form_class: type[forms.Form], told: dict[str, Any], where: str, refused: list[str]
) -> dict[str, Any]:
    """Errors go to `refused`."""
    form = form_class({key: _text(value) for key, value in told.items()})
    unknown = sorted(told.keys() - form.fields.keys())
    refused += [f"{where}, {key}: unknown. Known are {', '.join(form.fields)}." for key in unknown]
    for key, errors in form.errors.items():
        refused += [f"{where}, {key}: {sentence}" for sentence in _sentences(errors)]
    return form.cleaned_data if form.is_valid() and not unknown else {}


def _sentences(errors: Any) -> list[str]:
    return ValidationError(errors.as_data()).messages


def _text(value: Any) -> str:
    """As typed; "" for lists and tables."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    # 1e999999 in full digits would exhaust memory; as written it is refused.
    is_short = isinstance(value, Decimal) and abs(value.adjusted()) < numbers.MAX_LENGTH
    return f"{value:f}" if is_short else str(value)
