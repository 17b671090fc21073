def city(zone: str) -> str:
    """ "Buenos Aires, Argentina", or the zone's name without a place."""
    places = zone.split("/")[1:] or [zone]
    return ", ".join(reversed(places)).replace("_", " ")
