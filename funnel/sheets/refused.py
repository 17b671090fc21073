class FileRefused(ValueError):
    """With a `sentence` for people."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
