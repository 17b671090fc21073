"""Every page at every width, in light and dark: python3 dev.py screenshots [-k name]."""

import sys
from pathlib import Path

import pytest

PICTURES = Path(__file__).with_name("pictures.py")

if __name__ == "__main__":
    sys.exit(pytest.main([str(PICTURES), "-q", *sys.argv[1:]]))
