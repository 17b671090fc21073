"""The only writers: one module per subject, one function per operation.

Writes are atomic. PermissionDenied follows `access.May`; storing equal values changes nothing.
"""
