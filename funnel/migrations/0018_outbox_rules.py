"""Enforce message rules; remove former marks."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funnel', '0017_outbox_rows'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='meeting',
            name='recap_is_due',
        ),
        migrations.RemoveField(
            model_name='practice',
            name='unowned_mailed_week',
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='funnel_message_due'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['webhook', '-id'], name='funnel_message_latest'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['email'], name='funnel_message_address'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('attempted_at__isnull', False)), fields=['attempted_at'], name='funnel_message_attempted'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('key',), name='funnel_message_once', violation_error_message='This message is queued already.'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'delivered', 'cancelled', 'dead'])), name='funnel_message_state_known', violation_error_message='A message has no such state.'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email', ''), ('kind', 'webhook'), ('staff', None), ('webhook__isnull', False)), models.Q(('email', ''), ('kind__in', ('recap', 'reminder', 'unowned', 'invitation')), ('staff__isnull', False), ('webhook', None)), models.Q(('kind__in', ('password', 'address')), ('staff', None), ('webhook', None), models.Q(('email', ''), _negated=True)), _connector='OR'), name='funnel_message_one_recipient', violation_error_message='A message is of a known kind and has one recipient of it.'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('due_at', None)), _connector='OR'), name='funnel_message_due_while_waiting', violation_error_message='A message has a next time exactly while it waits.'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', False), ('state', 'delivered')), models.Q(models.Q(('state', 'delivered'), _negated=True), ('delivered_at', None)), _connector='OR'), name='funnel_message_delivered_once', violation_error_message='A delivered message states when, and no other does.'),
        ),
    ]
