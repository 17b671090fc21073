"""The Django admin, one file a noun: set-up, people, and who answers for what.

`register` names them all; a library's own admin is left out, because it knows no practices.
"""
