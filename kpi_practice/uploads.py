"""How much a browser may send us as files."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES = 6_000_000


class BoundedUploadHandler(FileUploadHandler):
    """Lets go of a file as soon as it is larger than anything we read, so that nobody fills the
    disk; the form then says that it is too large. Comes before the handlers that keep files."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """The chunk, for the handlers that follow."""
        if start + len(raw_data) > MOST_BYTES:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """None: the next handler has the file."""
        return
