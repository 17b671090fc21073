from dataclasses import dataclass

GROUP_PRACTICES = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """Several practices have slugs `slug`-1, `slug`-2, …; `weeks` end with the running one."""

    slug: str
    count: int
    stages: int
    others: int
    weeks: int

    @property
    def slugs(self) -> list[str]:
        if self.count == 1:
            return [self.slug]
        return [f"{self.slug}-{number}" for number in range(1, self.count + 1)]

    @property
    def entries(self) -> int:
        return self.count * (self.stages + self.others) * self.weeks


DATASETS = {
    # Receives a file with 1,000 weeks; four weeks of its own.
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
