"""How a file is refused."""


class FileRefused(ValueError):
    """A file that is not read; `sentence` tells a person why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
