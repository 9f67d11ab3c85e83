"""What was tried of a part, and how it went."""


class Trials:
    """Counts what holds."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, holds, seen):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        print(f"{'ok    ' if holds else 'FAILED'}  {name} ({seen})", flush=True)
