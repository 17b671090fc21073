"""How big the data is: which practices a database holds, with how many numbers and weeks."""

from dataclasses import dataclass

GROUP_PRACTICES = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """`count` practices alike; the slug of a lone one is `slug`, of several `slug`-1, `slug`-2, …

    `stages` of the KPIs stand in the funnel, the others outside it. `weeks` are those with
    numbers, the running week the last of them.
    """

    slug: str
    count: int
    stages: int
    others: int
    weeks: int

    @property
    def slugs(self) -> list[str]:
        """The practices' slugs."""
        if self.count == 1:
            return [self.slug]
        return [f"{self.slug}-{number}" for number in range(1, self.count + 1)]

    @property
    def entries(self) -> int:
        """How many weekly entries that makes."""
        return self.count * (self.stages + self.others) * self.weeks


DATASETS = {
    # Where a file with the numbers of 1,000 weeks is imported; of its own it has four.
    "imports": (Shape("imports", 1, stages=3, others=47, weeks=4),),
    "one": (Shape("practice", 1, stages=3, others=0, weeks=520),),
    "ten": (Shape("practice", 10, stages=4, others=1, weeks=260),),
    "thousand": (
        Shape("practice", 1000, stages=4, others=1, weeks=260),
        Shape("fifteen", 1, stages=5, others=10, weeks=520),
        Shape("year", 1, stages=4, others=1, weeks=52),
        Shape("decade", 1, stages=4, others=1, weeks=520),
    ),
}
