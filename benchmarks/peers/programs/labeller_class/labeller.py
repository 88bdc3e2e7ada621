import os

from mistralai import Mistral


class Labeller:
    def __init__(self, store):
        self.store = store
        self.client = Mistral(api_key=os.environ["MISTRAL_API_KEY"])

    def label(self, text):
        answer = self.client.chat.complete(
            model="mistral-small-latest",
            messages=[{"role": "user", "content": "Name the language of this text: " + text}],
        )
        return answer.choices[0].message.content

    def run(self):
        for document in self.store.documents():
            document.language = self.label(document.text)
            self.store.save(document)
