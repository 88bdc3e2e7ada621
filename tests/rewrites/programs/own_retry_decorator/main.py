from ask import ask

with open("busy.txt", encoding="utf-8") as file:
    for line in file:
        print(ask(line.strip()))
