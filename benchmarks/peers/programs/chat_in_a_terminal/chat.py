from mistralai import Mistral

client = Mistral()


def main() -> None:
    history = []
    while True:
        text = input("> ")
        if text in ("exit", "quit"):
            break
        history.append({"role": "user", "content": text})
        answer = client.chat.complete(model="mistral-medium-latest", messages=history).choices[0].message.content
        history.append({"role": "assistant", "content": answer})
        print(answer)


if __name__ == "__main__":
    main()
