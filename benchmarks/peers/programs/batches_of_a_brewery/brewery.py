from flask import Flask, request

app = Flask(__name__)


class Batches:
    def __init__(self) -> None:
        self.rows: list[dict] = []

    def create(self, recipe: str, litres: int) -> dict:
        self.rows.append({"id": len(self.rows), "recipe": recipe, "litres": litres})
        return self.rows[-1]


class Client:
    def __init__(self) -> None:
        self.batches = Batches()


client = Client()


@app.post("/batches")
def brew():
    batch = client.batches.create(recipe=request.json["recipe"], litres=request.json["litres"])
    return {"batch": batch["id"]}
