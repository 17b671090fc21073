import json
import zlib
from typing import Any

QUICKLY = 3


def pack(plain: Any) -> bytes:
    """Compress JSON-serializable data."""
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), QUICKLY)


def unpack(packed: bytes | memoryview) -> Any:
    """Decompress; None if empty."""
    return json.loads(zlib.decompress(packed)) if packed else None
