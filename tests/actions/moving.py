"""A practice on its way: its rows as an archive would bring them, and what every table holds."""

import json

from django.apps import apps

from funnel.actions import archives


def packed(practice):
    """Every row of the practice by kind, as JSON brings it."""
    with archives.snapshot():
        rows = {name: list(rows) for name, rows in archives.pack(practice)}
    return json.loads(json.dumps(rows))


def restored(rows, **how):
    return archives.restore(lambda name: iter(json.loads(json.dumps(rows[name]))), **how)


def everything():
    """How many rows every table has."""
    return {
        model.__name__: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
    }
