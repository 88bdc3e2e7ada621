from google import genai


class Triage:
    def __init__(self, model: str = "gemini-2.5-flash") -> None:
        self.model = model
        self.client = genai.Client()

    def severity(self, ticket: str) -> str:
        prompt = f"Answer with low, medium or high. How severe is this ticket?\n{ticket}"
        return self.client.models.generate_content(model=self.model, contents=prompt).text
