import pytest

from tests.cast import make_cast
from tests.reports.board.story import USUAL_THEN_WORSE, Story


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def story():
    return Story(USUAL_THEN_WORSE())
