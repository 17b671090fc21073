"""Reword texts; no table changes."""

import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import funnel.models.week
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('funnel', '0019_one_model_of_secrets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='baseline',
            name='from_week',
            field=models.DateField(help_text='Its Monday.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='baseline',
            name='reason',
            field=models.CharField(error_messages={'blank': 'Enter a reason for the new baseline.'}, max_length=200),
        ),
        migrations.AlterField(
            model_name='followup',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counts the changes, from 1.'),
        ),
        migrations.AlterField(
            model_name='historicalfollowup',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counts the changes, from 1.'),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='calculation',
            field=models.CharField(choices=[('entered', 'entered every week by its owner'), ('ratio', 'a ratio of two KPIs'), ('total', 'a moving total of a KPI')], default='entered', error_messages={'invalid_choice': 'Choose whether it is entered or calculated, and how.'}, max_length=10, verbose_name='calculation'),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='definition',
            field=models.TextField(help_text='What counts, in one unambiguous sentence.', max_length=500),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='direction',
            field=models.CharField(choices=[('higher', 'higher is better'), ('lower', 'lower is better')], default='higher', error_messages={'invalid_choice': 'Choose whether higher or lower is better.'}, max_length=10),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='divisor',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Ratio: the number to divide by.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='funnel.kpi', verbose_name='divided by'),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='slug',
            field=models.SlugField(help_text='Used in URLs.', max_length=60, verbose_name='short name'),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='source',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Ratio: the number to divide. Moving total: the number to add up.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='funnel.kpi', verbose_name='calculated from'),
        ),
        migrations.AlterField(
            model_name='historicalkpi',
            name='window',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Moving total: 2 to 52 weeks.', null=True, verbose_name='weeks to add up'),
        ),
        migrations.AlterField(
            model_name='historicalpatientvalue',
            name='from_week',
            field=models.DateField(help_text='The Monday of the first week it applies to.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='historicalpatientvalue',
            name='set_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='None: from before values were dated.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='historicalpractice',
            name='began_on',
            field=models.DateField(help_text='Numbers cannot be entered for weeks that ended before this day.', validators=[django.core.validators.MinValueValidator(datetime.date(2000, 1, 3)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31), 'Choose a day of this century.')], verbose_name='first day'),
        ),
        migrations.AlterField(
            model_name='historicalpractice',
            name='first_reminder_hours',
            field=models.PositiveSmallIntegerField(default=24, help_text='To the owners of missing numbers; never before the week has ended.', verbose_name='first reminder, hours before the meeting'),
        ),
        migrations.AlterField(
            model_name='historicalpractice',
            name='second_reminder_hours',
            field=models.PositiveSmallIntegerField(default=3, help_text='To the owners of numbers still missing. An hour before it managers get a list.', verbose_name='second reminder, hours before the meeting'),
        ),
        migrations.AlterField(
            model_name='historicalpractice',
            name='slug',
            field=models.SlugField(help_text='Used in the URLs of its pages.', verbose_name='short name'),
        ),
        migrations.AlterField(
            model_name='historicalshortweek',
            name='reason',
            field=models.CharField(error_messages={'blank': 'Enter the reason why the week is short.'}, max_length=200),
        ),
        migrations.AlterField(
            model_name='historicalshortweek',
            name='week',
            field=models.DateField(help_text='Its Monday.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='historicalstaff',
            name='access',
            field=models.CharField(choices=[('viewer', 'Viewer: sees'), ('member', 'Member: enters what they own or stand in for'), ('manager', 'Manager: enters every number, runs meetings, sets targets'), ('admin', 'Admin: assigns owners')], default='member', error_messages={'invalid_choice': 'Choose viewer, member, manager or admin.'}, max_length=10),
        ),
        migrations.AlterField(
            model_name='historicalstaff',
            name='name',
            field=models.CharField(help_text='The name the team uses.', max_length=80),
        ),
        migrations.AlterField(
            model_name='historicalstaff',
            name='title',
            field=models.CharField(blank=True, help_text='The job title. It has no effect: roles decide.', max_length=80),
        ),
        migrations.AlterField(
            model_name='historicalweeklyentry',
            name='is_corrected',
            field=models.BooleanField(default=False, help_text='Different from what the team saw when the week was first closed.'),
        ),
        migrations.AlterField(
            model_name='historicalweeklyentry',
            name='seen_value',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='The value that the team saw, if corrected; empty: it was missing.', max_digits=11, null=True),
        ),
        migrations.AlterField(
            model_name='historicalweeklyentry',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counts the changes, from 1.'),
        ),
        migrations.AlterField(
            model_name='historicalweeklyentry',
            name='week',
            field=models.DateField(help_text='Its Monday.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='import',
            name='reason',
            field=models.CharField(blank=True, help_text='Shown beside the numbers of other people.', max_length=200),
        ),
        migrations.AlterField(
            model_name='jobrun',
            name='outcome',
            field=models.CharField(blank=True, choices=[('succeeded', 'succeeded'), ('failed', 'failed')], error_messages={'invalid_choice': 'A run that ended has either succeeded or failed.'}, max_length=10),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='calculation',
            field=models.CharField(choices=[('entered', 'entered every week by its owner'), ('ratio', 'a ratio of two KPIs'), ('total', 'a moving total of a KPI')], default='entered', error_messages={'invalid_choice': 'Choose whether it is entered or calculated, and how.'}, max_length=10, verbose_name='calculation'),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='definition',
            field=models.TextField(help_text='What counts, in one unambiguous sentence.', max_length=500),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='direction',
            field=models.CharField(choices=[('higher', 'higher is better'), ('lower', 'lower is better')], default='higher', error_messages={'invalid_choice': 'Choose whether higher or lower is better.'}, max_length=10),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='divisor',
            field=models.ForeignKey(blank=True, help_text='Ratio: the number to divide by.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funnel.kpi', verbose_name='divided by'),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='slug',
            field=models.SlugField(help_text='Used in URLs.', max_length=60, verbose_name='short name'),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='source',
            field=models.ForeignKey(blank=True, help_text='Ratio: the number to divide. Moving total: the number to add up.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funnel.kpi', verbose_name='calculated from'),
        ),
        migrations.AlterField(
            model_name='kpi',
            name='window',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Moving total: 2 to 52 weeks.', null=True, verbose_name='weeks to add up'),
        ),
        migrations.AlterField(
            model_name='kpigroup',
            name='order',
            field=models.PositiveSmallIntegerField(default=0, help_text='Smaller comes first.'),
        ),
        migrations.AlterField(
            model_name='lineup',
            name='from_week',
            field=models.DateField(help_text='The Monday of the first week it applies to.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='lineup',
            name='set_by',
            field=models.ForeignKey(editable=False, help_text='None: from before values were dated.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='meetingnote',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counts the changes, from 1.'),
        ),
        migrations.AlterField(
            model_name='message',
            name='state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('delivered', 'delivered'), ('cancelled', 'cancelled'), ('dead', 'failed')], default='waiting', error_messages={'invalid_choice': 'A message has no such state.'}, max_length=10),
        ),
        migrations.AlterField(
            model_name='patientvalue',
            name='from_week',
            field=models.DateField(help_text='The Monday of the first week it applies to.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='patientvalue',
            name='set_by',
            field=models.ForeignKey(editable=False, help_text='None: from before values were dated.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='practice',
            name='began_on',
            field=models.DateField(help_text='Numbers cannot be entered for weeks that ended before this day.', validators=[django.core.validators.MinValueValidator(datetime.date(2000, 1, 3)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31), 'Choose a day of this century.')], verbose_name='first day'),
        ),
        migrations.AlterField(
            model_name='practice',
            name='first_reminder_hours',
            field=models.PositiveSmallIntegerField(default=24, help_text='To the owners of missing numbers; never before the week has ended.', verbose_name='first reminder, hours before the meeting'),
        ),
        migrations.AlterField(
            model_name='practice',
            name='second_reminder_hours',
            field=models.PositiveSmallIntegerField(default=3, help_text='To the owners of numbers still missing. An hour before it managers get a list.', verbose_name='second reminder, hours before the meeting'),
        ),
        migrations.AlterField(
            model_name='practice',
            name='slug',
            field=models.SlugField(help_text='Used in the URLs of its pages.', unique=True, verbose_name='short name'),
        ),
        migrations.AlterField(
            model_name='role',
            name='order',
            field=models.PositiveSmallIntegerField(default=0, help_text='Smaller comes first.'),
        ),
        migrations.AlterField(
            model_name='shortweek',
            name='reason',
            field=models.CharField(error_messages={'blank': 'Enter the reason why the week is short.'}, max_length=200),
        ),
        migrations.AlterField(
            model_name='shortweek',
            name='week',
            field=models.DateField(help_text='Its Monday.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='staff',
            name='access',
            field=models.CharField(choices=[('viewer', 'Viewer: sees'), ('member', 'Member: enters what they own or stand in for'), ('manager', 'Manager: enters every number, runs meetings, sets targets'), ('admin', 'Admin: assigns owners')], default='member', error_messages={'invalid_choice': 'Choose viewer, member, manager or admin.'}, max_length=10),
        ),
        migrations.AlterField(
            model_name='staff',
            name='has_accepted',
            field=models.BooleanField(default=True, editable=False, help_text='Someone who already had a login when they were added joins by themselves.', verbose_name='has joined'),
        ),
        migrations.AlterField(
            model_name='staff',
            name='name',
            field=models.CharField(help_text='The name the team uses.', max_length=80),
        ),
        migrations.AlterField(
            model_name='staff',
            name='title',
            field=models.CharField(blank=True, help_text='The job title. It has no effect: roles decide.', max_length=80),
        ),
        migrations.AlterField(
            model_name='weeklyentry',
            name='is_corrected',
            field=models.BooleanField(default=False, help_text='Different from what the team saw when the week was first closed.'),
        ),
        migrations.AlterField(
            model_name='weeklyentry',
            name='seen_value',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='The value that the team saw, if corrected; empty: it was missing.', max_digits=11, null=True),
        ),
        migrations.AlterField(
            model_name='weeklyentry',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counts the changes, from 1.'),
        ),
        migrations.AlterField(
            model_name='weeklyentry',
            name='week',
            field=models.DateField(help_text='Its Monday.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterConstraint(
            model_name='addresschange',
            name='funnel_addresschange_email_small',
            constraint=models.CheckConstraint(condition=models.Q(('new_email', django.db.models.functions.text.Lower('new_email'))), name='funnel_addresschange_email_small', violation_error_message='Write the e-mail address in lowercase letters.'),
        ),
        migrations.AlterConstraint(
            model_name='baseline',
            name='funnel_baseline_once',
            constraint=models.UniqueConstraint(fields=('kpi', 'from_week'), name='funnel_baseline_once', violation_error_message='A baseline already starts in this week.'),
        ),
        migrations.AlterConstraint(
            model_name='baseline',
            name='funnel_baseline_with_reason',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='funnel_baseline_with_reason', violation_error_message='Enter a reason for the new baseline.'),
        ),
        migrations.AlterConstraint(
            model_name='baseline',
            name='funnel_baseline_ended_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('ended_week', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('ended_week__gt', models.F('from_week')), ('ended_week__isnull', False)), _connector='OR'), name='funnel_baseline_ended_by_someone', violation_error_message='An ended baseline states from when, at what time and by whom, and ends after its start.'),
        ),
        migrations.AlterConstraint(
            model_name='followup',
            name='funnel_followup_done_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False)), _connector='OR'), name='funnel_followup_done_by_someone', violation_error_message='A done follow-up states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='followup',
            name='funnel_followup_dropped_with_reason',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dropped_at', None), ('dropped_because', ''), ('dropped_by', None)), models.Q(('dropped_at__isnull', False), ('dropped_by__isnull', False), models.Q(('dropped_because', ''), _negated=True)), _connector='OR'), name='funnel_followup_dropped_with_reason', violation_error_message='A dropped follow-up states when, by whom and why.'),
        ),
        migrations.AlterConstraint(
            model_name='import',
            name='funnel_import_done_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False)), _connector='OR'), name='funnel_import_done_by_someone', violation_error_message='A completed import states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='import',
            name='funnel_import_undone_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='funnel_import_undone_by_someone', violation_error_message='An undone import states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='import',
            name='funnel_import_undone_after_done',
            constraint=models.CheckConstraint(condition=models.Q(('undone_at', None), ('done_at__isnull', False), _connector='OR'), name='funnel_import_undone_after_done', violation_error_message='Only a completed import can be undone.'),
        ),
        migrations.AlterConstraint(
            model_name='jobrun',
            name='funnel_jobrun_outcome_known',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['succeeded', 'failed'])), _connector='OR'), name='funnel_jobrun_outcome_known', violation_error_message='A run that ended has either succeeded or failed.'),
        ),
        migrations.AlterConstraint(
            model_name='kpi',
            name='funnel_kpi_direction_known',
            constraint=models.CheckConstraint(condition=models.Q(('direction__in', ['higher', 'lower'])), name='funnel_kpi_direction_known', violation_error_message='Choose whether higher or lower is better.'),
        ),
        migrations.AlterConstraint(
            model_name='kpi',
            name='funnel_kpi_archived_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('archived_at', None), ('archived_by', None)), models.Q(('archived_at__isnull', False), ('archived_by__isnull', False)), _connector='OR'), name='funnel_kpi_archived_by_someone', violation_error_message='An archived KPI states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='kpi',
            name='funnel_kpi_calculation_complete',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('calculation', 'entered'), ('divisor', None), ('source', None), ('window', None)), models.Q(('calculation', 'ratio'), ('divisor__isnull', False), ('source__isnull', False), ('window', None)), models.Q(('calculation', 'total'), ('divisor', None), ('source__isnull', False), ('window__gte', 2), ('window__isnull', False), ('window__lte', 52)), _connector='OR'), name='funnel_kpi_calculation_complete', violation_error_message='A ratio names two KPIs, a moving total one KPI and 2 to 52 weeks, an entered number neither.'),
        ),
        migrations.AlterConstraint(
            model_name='lineup',
            name='funnel_lineup_once',
            constraint=models.UniqueConstraint(fields=('practice', 'from_week'), name='funnel_lineup_once', violation_error_message='A lineup already starts in this week.'),
        ),
        migrations.AlterConstraint(
            model_name='meeting',
            name='funnel_meeting_closed_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='funnel_meeting_closed_by_someone', violation_error_message='A closed meeting states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='meeting',
            name='funnel_meeting_reopened_with_reason',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reopened_at', None), ('reopened_because', ''), ('reopened_by', None)), models.Q(('reopened_at__isnull', False), ('reopened_by__isnull', False), models.Q(('reopened_because', ''), _negated=True)), _connector='OR'), name='funnel_meeting_reopened_with_reason', violation_error_message='A reopened meeting states when, by whom and why.'),
        ),
        migrations.AlterConstraint(
            model_name='meeting',
            name='funnel_meeting_started_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('started_at', None), ('started_by', None)), models.Q(('started_at__isnull', False), ('started_by__isnull', False)), _connector='OR'), name='funnel_meeting_started_by_someone', violation_error_message='A started meeting states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='meetingnote',
            name='funnel_meetingnote_kpi_in_numbers',
            constraint=models.CheckConstraint(condition=models.Q(('kpi', None), ('part', 'numbers'), _connector='OR'), name='funnel_meetingnote_kpi_in_numbers', violation_error_message='A note on a KPI belongs to the part of the numbers.'),
        ),
        migrations.AlterConstraint(
            model_name='ownership',
            name='funnel_ownership_ends_after_start',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='funnel_ownership_ends_after_start', violation_error_message='An ownership cannot end before it starts.'),
        ),
        migrations.AlterConstraint(
            model_name='practice',
            name='funnel_practice_reminder_hours',
            constraint=models.CheckConstraint(condition=models.Q(('first_reminder_hours__gt', models.F('second_reminder_hours')), ('first_reminder_hours__lte', 144), ('second_reminder_hours__gte', 2)), name='funnel_practice_reminder_hours', violation_error_message='The second reminder is sent at least 2 hours before the meeting, the first one before it and at most 144 hours before the meeting.'),
        ),
        migrations.AlterConstraint(
            model_name='shortweek',
            name='funnel_shortweek_with_reason',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='funnel_shortweek_with_reason', violation_error_message='Enter the reason why the week is short.'),
        ),
        migrations.AlterConstraint(
            model_name='staff',
            name='funnel_staff_invited_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('invited_at', None), ('invited_by', None)), models.Q(('invited_at__isnull', False), ('invited_by__isnull', False)), _connector='OR'), name='funnel_staff_invited_by_someone', violation_error_message='An invitation states when and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='standin',
            name='funnel_standin_ends_after_start',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='funnel_standin_ends_after_start', violation_error_message='A stand-in cannot end before it starts.'),
        ),
        migrations.AlterConstraint(
            model_name='user',
            name='funnel_user_email_small',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='funnel_user_email_small', violation_error_message='Write the e-mail address in lowercase letters.'),
        ),
    ]
