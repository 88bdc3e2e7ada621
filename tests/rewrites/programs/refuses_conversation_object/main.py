from google import genai

client = genai.Client()
chat = client.chats.create(model="gemini-3-flash")
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(chat.send_message(line).text)
