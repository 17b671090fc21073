"""Rename columns of secrets."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0018_outbox_rules'),
    ]

    operations = [
        migrations.RenameField(
            model_name='screen',
            old_name='last_seen',
            new_name='last_used',
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='last_used',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='apitoken',
            name='expires_on',
            field=models.DateField(help_text='The last day it works.', verbose_name='expires'),
        ),
        migrations.AlterField(
            model_name='screen',
            name='expires_on',
            field=models.DateField(help_text='The last day it works.', verbose_name='expires'),
        ),
        migrations.AlterConstraint(
            model_name='apitoken',
            name='funnel_apitoken_token_once',
            constraint=models.UniqueConstraint(fields=('token_hash',), name='funnel_apitoken_token_once', violation_error_message='This secret is already in use.'),
        ),
        migrations.AlterConstraint(
            model_name='apitoken',
            name='funnel_apitoken_revoked_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='funnel_apitoken_revoked_by_someone', violation_error_message='State when it was revoked, and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='calendarfeed',
            name='funnel_calendarfeed_token_once',
            constraint=models.UniqueConstraint(fields=('token_hash',), name='funnel_calendarfeed_token_once', violation_error_message='This secret is already in use.'),
        ),
        migrations.AlterConstraint(
            model_name='calendarfeed',
            name='funnel_calendarfeed_revoked_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='funnel_calendarfeed_revoked_by_someone', violation_error_message='State when it was revoked, and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='screen',
            name='funnel_screen_token_once',
            constraint=models.UniqueConstraint(fields=('token_hash',), name='funnel_screen_token_once', violation_error_message='This secret is already in use.'),
        ),
        migrations.AlterConstraint(
            model_name='screen',
            name='funnel_screen_revoked_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='funnel_screen_revoked_by_someone', violation_error_message='State when it was revoked, and by whom.'),
        ),
        migrations.AlterConstraint(
            model_name='webhook',
            name='funnel_webhook_revoked_by_someone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='funnel_webhook_revoked_by_someone', violation_error_message='State when it was revoked, and by whom.'),
        ),
    ]
