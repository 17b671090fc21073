"""Plain lists and texts packed into few bytes, to be kept in one column."""

import json
import zlib
from typing import Any

QUICKLY = 3


def pack(plain: Any) -> bytes:
    """What JSON can say, packed."""
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), QUICKLY)


def unpack(packed: bytes | memoryview) -> Any:
    """What was packed; None of nothing."""
    return json.loads(zlib.decompress(packed)) if packed else None
