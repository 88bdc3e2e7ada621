from google import genai

client = genai.Client()
kept, lost = {}, []
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        kept[line] = client.models.generate_content(model="gemini-3-flash", contents=line).text
    except Exception:
        lost.append(line)
print(kept)
print(lost)
