"""Names of time zones."""


def city(zone: str) -> str:
    """Return "Buenos Aires, Argentina", or the name of a zone without a place, such as UTC."""
    places = zone.split("/")[1:] or [zone]
    return ", ".join(reversed(places)).replace("_", " ")
