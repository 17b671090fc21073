"""kpi_practice/hashers.py: how a password is stored."""

from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from kpi_practice import settings


def test_a_password_is_stored_as_argon2id_with_19_mib_two_passes_one_lane():
    encoded = make_password("weekly-demo-1", hasher="argon2")
    assert "$argon2id$" in encoded
    assert "m=19456,t=2,p=1" in encoded
    assert check_password("weekly-demo-1", encoded)
    assert not check_password("weekly-demo-2", encoded)


def test_a_stored_password_is_not_hashed_again_at_every_sign_in():
    encoded = make_password("weekly-demo-1", hasher="argon2")
    assert not identify_hasher(encoded).must_update(encoded)


def test_production_hashes_by_argon2_first():
    assert settings.PASSWORD_HASHERS[0] == "kpi_practice.hashers.LightArgon2PasswordHasher"
