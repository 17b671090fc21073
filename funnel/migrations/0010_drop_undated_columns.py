"""Drop the columns that are dated now."""

import funnel.models.week
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from funnel.migrations._rules import DropRules, Monday, SamePractice

class Migration(migrations.Migration):
    dependencies = [("funnel", "0009_date_the_structure")]

    operations = [
        DropRules(
            SamePractice("funnel_kpi", "group_id", "funnel_kpigroup", "funnel_kpi_group_of_practice"),
            Monday("funnel_baseline", "frozen_week", "funnel_baseline_frozen_monday"),
        ),
        migrations.AlterModelOptions(
            name='baseline',
            options={'ordering': ['kpi_id', 'from_week']},
        ),
        migrations.AlterModelOptions(
            name='kpi',
            options={'ordering': ['practice_id', 'id'], 'verbose_name': 'KPI', 'verbose_name_plural': 'KPIs'},
        ),
        migrations.RemoveConstraint(
            model_name='baseline',
            name='funnel_baseline_first',
        ),
        migrations.RemoveConstraint(
            model_name='baseline',
            name='funnel_baseline_with_reason',
        ),
        migrations.RemoveConstraint(
            model_name='baseline',
            name='funnel_baseline_frozen',
        ),
        migrations.RemoveConstraint(
            model_name='kpi',
            name='funnel_kpi_stage_once',
        ),
        migrations.RemoveConstraint(
            model_name='kpi',
            name='funnel_kpi_stage_counts',
        ),
        migrations.RemoveConstraint(
            model_name='kpi',
            name='funnel_kpi_stage_entered',
        ),
        migrations.RemoveConstraint(
            model_name='practice',
            name='funnel_practice_value_not_negative',
        ),
        migrations.RemoveField(
            model_name='baseline',
            name='frozen_week',
        ),
        migrations.RemoveField(
            model_name='baseline',
            name='mean',
        ),
        migrations.RemoveField(
            model_name='baseline',
            name='mean_range',
        ),
        migrations.RemoveField(
            model_name='historicalkpi',
            name='group',
        ),
        migrations.RemoveField(
            model_name='historicalkpi',
            name='order',
        ),
        migrations.RemoveField(
            model_name='historicalkpi',
            name='stage',
        ),
        migrations.RemoveField(
            model_name='historicalpractice',
            name='value_per_patient',
        ),
        migrations.RemoveField(
            model_name='kpi',
            name='group',
        ),
        migrations.RemoveField(
            model_name='kpi',
            name='order',
        ),
        migrations.RemoveField(
            model_name='kpi',
            name='stage',
        ),
        migrations.RemoveField(
            model_name='practice',
            name='value_per_patient',
        ),
        migrations.AlterField(
            model_name='baseline',
            name='begun_at',
            field=models.DateTimeField(editable=False),
        ),
        migrations.AlterField(
            model_name='baseline',
            name='begun_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='baseline',
            name='from_week',
            field=models.DateField(help_text='The Monday it begins on.', validators=[funnel.models.week.validate_monday]),
        ),
        migrations.AlterField(
            model_name='baseline',
            name='reason',
            field=models.CharField(error_messages={'blank': 'Say why a new baseline begins.'}, max_length=200),
        ),
        migrations.AddConstraint(
            model_name='baseline',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='funnel_baseline_with_reason', violation_error_message='Say why a new baseline begins.'),
        ),
        migrations.AddConstraint(
            model_name='baseline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('ended_week', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('ended_week__gt', models.F('from_week')), ('ended_week__isnull', False)), _connector='OR'), name='funnel_baseline_ended_by_someone', violation_error_message='An ended baseline says from when, at what time and by whom, and ends after it began.'),
        ),
    ]
