"""Rules of the dated structure."""

from django.db import migrations

from funnel.migrations._rules import AddRules, Fixed, Monday, Never, SharedPractice

PLACE, LINEUP = "funnel_place", "funnel_lineup"
NO_STAGE = "NOT ({kpi}.unit = 'count' AND {kpi}.direction = 'higher' AND {kpi}.calculation = 'entered')"
# A calculated KPI has a number when each of its parts has one.
HAS_NUMBERS = (
    "EXISTS (SELECT 1 FROM funnel_weeklyentry e WHERE e.kpi_id = coalesce({row}.source_id, {row}.id)) "
    "AND ({row}.divisor_id IS NULL "
    "OR EXISTS (SELECT 1 FROM funnel_weeklyentry e WHERE e.kpi_id = {row}.divisor_id))"
)


class Migration(migrations.Migration):
    dependencies = [("funnel", "0012_practice_version_rows")]

    operations = [
        AddRules(
            Monday(LINEUP, "from_week", "funnel_lineup_monday"),
            Monday("funnel_patientvalue", "from_week", "funnel_patientvalue_monday"),
            Monday("funnel_shortweek", "week", "funnel_shortweek_monday"),
            Monday("funnel_baseline", "ended_week", "funnel_baseline_ended_monday"),
            SharedPractice(PLACE, "lineup_id", LINEUP, "kpi_id", "funnel_kpi", "funnel_place_kpi_of_practice"),
            SharedPractice(PLACE, "lineup_id", LINEUP, "group_id", "funnel_kpigroup", "funnel_place_group_of_practice"),
            SharedPractice(PLACE, "lineup_id", LINEUP, "role_id", "funnel_role", "funnel_place_role_of_practice"),
            Never(
                PLACE,
                ("is_stage", "kpi_id"),
                "{row}.is_stage AND EXISTS (SELECT 1 FROM funnel_kpi k WHERE k.id = {row}.kpi_id "
                f"AND {NO_STAGE.format(kpi='k')})",
                "funnel_place_stage_counts",
            ),
            Never(
                "funnel_kpi",
                ("unit", "direction", "calculation"),
                f"{NO_STAGE.format(kpi='{row}')} AND EXISTS (SELECT 1 FROM funnel_place p "
                "WHERE p.kpi_id = {row}.id AND p.is_stage)",
                "funnel_kpi_stage_counts",
            ),
            Fixed(
                "funnel_kpi",
                ("unit", "direction", "calculation", "source_id", "divisor_id", '"window"'),
                HAS_NUMBERS,
                "funnel_kpi_fixed_once_recorded",
            ),
        ),
    ]
