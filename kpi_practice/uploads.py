from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES = 6_000_000


class BoundedUploadHandler(FileUploadHandler):
    """Must be first: discards large files, so that nobody fills the disk."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > MOST_BYTES:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return
