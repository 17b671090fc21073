from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2PasswordHasher(Argon2PasswordHasher):
    """OWASP's second setting: 19 MiB, two passes, one lane.

    With Django's 100 MiB, sixty simultaneous sign-ins exhaust a small machine.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
