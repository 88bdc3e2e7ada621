from google import genai
from google.genai import types

client = genai.Client()


def main():
    text = open("reviews.txt", encoding="utf-8").read()
    config = types.GenerateContentConfig(service_tier="priority", temperature=0.0)
    print(client.models.generate_content(model="gemini-3-flash", contents=text, config=config).text)
    print(client.models.generate_content(model="gemini-3-pro", contents=text, config=config).text)


if __name__ == "__main__":
    main()
