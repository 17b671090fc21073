"""The PostgreSQL rules on SQLite, and six new ones on both."""

from django.db import migrations

from funnel.migrations._rules import AddRules, Monday, NoOverlap, SamePractice, SharedPractice

ENTRY, FOLLOW_UP, KPI = "funnel_weeklyentry", "funnel_followup", "funnel_kpi"
STAFF, MEETING = "funnel_staff", "funnel_meeting"


class Migration(migrations.Migration):
    dependencies = [("funnel", "0006_yet_more_postgresql_rules")]

    operations = [
        AddRules(
            Monday(ENTRY, "week", "funnel_entry_monday"),
            Monday("funnel_target", "from_week", "funnel_target_monday"),
            Monday(MEETING, "week", "funnel_meeting_monday"),
            Monday("funnel_baseline", "from_week", "funnel_baseline_monday"),
            Monday("funnel_baseline", "frozen_week", "funnel_baseline_frozen_monday"),
            Monday("funnel_reminder", "week", "funnel_reminder_monday"),
            SamePractice(ENTRY, "kpi_id", KPI, "funnel_entry_kpi_of_practice"),
            SamePractice(ENTRY, "entered_for_id", STAFF, "funnel_entry_entered_for_of_practice"),
            SamePractice(KPI, "role_id", "funnel_role", "funnel_kpi_role_of_practice"),
            SamePractice(KPI, "group_id", "funnel_kpigroup", "funnel_kpi_group_of_practice"),
            SamePractice(KPI, "source_id", KPI, "funnel_kpi_source_of_practice"),
            SamePractice(KPI, "divisor_id", KPI, "funnel_kpi_divisor_of_practice"),
            SamePractice(FOLLOW_UP, "meeting_id", MEETING, "funnel_followup_meeting_of_practice"),
            SamePractice(FOLLOW_UP, "kpi_id", KPI, "funnel_followup_kpi_of_practice"),
            SamePractice(FOLLOW_UP, "owner_id", STAFF, "funnel_followup_owner_of_practice"),
            SamePractice("funnel_apitoken", "staff_id", STAFF, "funnel_apitoken_staff_of_practice"),
            NoOverlap("funnel_ownership", "kpi_id", "starts_on", "ends_on", "funnel_ownership_no_overlap"),
            vendors=("sqlite",),
        ),
        AddRules(
            SharedPractice("funnel_attendance", "meeting_id", MEETING, "staff_id", STAFF, "funnel_attendance_of_practice"),
            SharedPractice("funnel_meetingnote", "meeting_id", MEETING, "kpi_id", KPI, "funnel_meetingnote_of_practice"),
            SharedPractice("funnel_notbrought", "meeting_id", MEETING, "kpi_id", KPI, "funnel_notbrought_of_practice"),
            SharedPractice("funnel_ownership", "kpi_id", KPI, "staff_id", STAFF, "funnel_ownership_of_practice"),
            SharedPractice("funnel_standin", "kpi_id", KPI, "staff_id", STAFF, "funnel_standin_of_practice"),
            SharedPractice("funnel_staff_roles", "staff_id", STAFF, "role_id", "funnel_role", "funnel_staff_roles_of_practice"),
        ),
    ]
