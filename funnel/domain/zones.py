"""Time zones in words."""


def city(zone: str) -> str:
    """An IANA time zone by its place: "Buenos Aires, Argentina" of
    America/Argentina/Buenos_Aires; a zone of no place, such as UTC, by its name."""
    places = zone.split("/")[1:] or [zone]
    return ", ".join(reversed(places)).replace("_", " ")
