from django.apps import apps

from funnel.actions.archive_kinds import CALLED, HISTORIES, KINDS, LEFT_OUT, OWN
from funnel.models import Practice, User


def test_every_model_goes_or_stays_for_a_reason():
    ours = set(apps.get_app_config("funnel").get_models())
    histories = {model for model in ours if hasattr(model, "history_id")}
    own = {kind.model for kind in OWN}
    assert own | set(LEFT_OUT) == {m for m in ours - histories if not hasattr(m, "m2m_history_id")}
    assert own & set(LEFT_OUT) == set()
    assert all(LEFT_OUT.values())
    roles = {m for m in histories if hasattr(m, "m2m_history_id")}
    assert {kind.model for kind in HISTORIES} == histories - roles


def test_what_a_row_points_to_is_written_before_it_and_has_a_name():
    places = {kind.model: place for place, kind in enumerate(KINDS)}
    for place, kind in enumerate(KINDS):
        for field in kind.model._meta.concrete_fields:
            model = field.related_model
            if model in {None, User, Practice} or field.name in kind.later or kind.of:
                continue
            assert places[model] < place, (kind.name, field.name)
            assert model in CALLED, (kind.name, field.name)
