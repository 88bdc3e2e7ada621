from llm import ask

with open("reviews.txt", encoding="utf-8") as file, open("answers.txt", "w", encoding="utf-8") as out:
    for line in file:
        out.write(ask("Summarise: " + line.strip()) + "\n")
