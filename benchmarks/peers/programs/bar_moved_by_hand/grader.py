from tqdm import tqdm

from llm import grade


class Grader:
    def __init__(self, essays: list[str]) -> None:
        self.essays = essays
        self.grades: list[str] = []

    def run(self) -> list[str]:
        bar = tqdm(total=len(self.essays))
        for essay in self.essays:
            self.grades.append(grade(essay))
            bar.update(1)
        bar.close()
        return self.grades
