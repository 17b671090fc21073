from funnel.domain.tables import Column, named


def test_a_column_has_its_words_and_its_key():
    assert Column.named("Seen value") == Column("Seen value", "seen_value")
    assert named("Week, Entered by") == (Column("Week", "week"), Column("Entered by", "entered_by"))
