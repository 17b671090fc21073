"""The only writers: one file a noun, one function a verb."""
