"""The only writers: one module per subject, one function per operation.

Writes are atomic. PermissionDenied follows `access.May`, Busy follows `refusing_when_busy`,
ValidationError is by field. Storing equal values changes nothing.
"""
