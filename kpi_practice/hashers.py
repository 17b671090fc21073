"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's second setting: 19 MiB, two passes, one lane, about 0.08 CPU seconds.

    Django's default of 100 MiB and eight lanes lets sixty people who sign in at nine on Monday
    exhaust a small machine.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
