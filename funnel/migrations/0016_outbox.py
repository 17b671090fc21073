"""Replace webhook deliveries with one outbox, and add job runs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funnel", "0015_address_change")]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="funnel_delivery_once"),
        migrations.RemoveConstraint(model_name="delivery", name="funnel_delivery_arrived_once"),
        migrations.RemoveIndex(model_name="delivery", name="funnel_delivery_due"),
        migrations.RemoveIndex(model_name="delivery", name="funnel_delivery_latest"),
        migrations.RenameModel("Delivery", "Message"),
        migrations.AlterModelOptions(name="message", options={"ordering": ["-id"]}),
        migrations.RenameField("message", "queued", "queued_at"),
        migrations.RenameField("message", "tries", "attempts"),
        migrations.RenameField("message", "next_try", "due_at"),
        migrations.RenameField("message", "delivered", "delivered_at"),
        migrations.AddField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("webhook", "webhook call"),
                    ("recap", "recap of a meeting"),
                    ("reminder", "reminder of missing numbers"),
                    ("unowned", "KPIs without an owner"),
                    ("invitation", "invitation"),
                    ("password", "link to set a password"),
                    ("address", "confirmation of an e-mail address"),
                ],
                default="webhook",
                error_messages={
                    "invalid_choice": "A message is of a known kind and has one recipient of it."
                },
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="message",
            name="staff",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="funnel.staff",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="email",
            field=models.EmailField(blank=True, default="", max_length=254, verbose_name="address"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="message",
            name="refusals",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="message",
            name="attempted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last attempt"),
        ),
        migrations.AddField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("delivered", "delivered"),
                    ("cancelled", "cancelled"),
                    ("dead", "given up"),
                ],
                default="waiting",
                error_messages={"invalid_choice": "A message has no such state."},
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="webhook",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="funnel.webhook",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="key",
            field=models.CharField(
                help_text="Recipient and occasion: one message each.", max_length=320
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="event",
            field=models.CharField(
                blank=True,
                choices=[
                    ("entry.saved", "A number is saved"),
                    ("entries.imported", "Numbers are imported"),
                    ("week.closed", "A week is closed"),
                    ("kpi.unowned", "A KPI has no owner"),
                    ("test", "A test"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="body",
            field=models.TextField(default="{}", help_text="JSON."),
        ),
        migrations.AlterField(
            model_name="message",
            name="queued_at",
            field=models.DateTimeField(verbose_name="queued"),
        ),
        migrations.AlterField(
            model_name="message",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="due"),
        ),
        migrations.AlterField(
            model_name="message",
            name="delivered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="delivered"),
        ),
        migrations.AlterField(
            model_name="message",
            name="answer",
            field=models.CharField(blank=True, max_length=200, verbose_name="result"),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="mailed",
            field=models.DateTimeField(help_text="When it was queued."),
        ),
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="job")),
                ("due_at", models.DateTimeField(verbose_name="next run")),
                (
                    "started_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last start"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="last end")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("succeeded", "succeeded"), ("failed", "failed")],
                        error_messages={"invalid_choice": "A run that ended succeeded or failed."},
                        max_length=10,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name": "job",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name",),
                        name="funnel_jobrun_once",
                        violation_error_message="This job already has its row.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("outcome", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("outcome__in", ["succeeded", "failed"]),
                            ),
                            _connector="OR",
                        ),
                        name="funnel_jobrun_outcome_known",
                        violation_error_message="A run that ended succeeded or failed.",
                    ),
                ],
            },
        ),
    ]
