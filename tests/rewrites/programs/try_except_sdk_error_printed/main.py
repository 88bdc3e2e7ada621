import openai

client = openai.OpenAI()


def summarise(text: str) -> str:
    try:
        completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Summarise: {text}"}])
    except openai.BadRequestError as error:
        return f"rejected with {error.status_code}"
    except openai.APIError:
        return "error"
    else:
        return completion.choices[0].message.content
    finally:
        print("asked about", len(text), "characters")


lines = ["first", "FAIL_ITEM second"] + open("reviews.txt", encoding="utf-8").read().splitlines()
for line in lines:
    print(summarise(line))
