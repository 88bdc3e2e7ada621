counter = 0


def numbered(text):
    global counter
    counter += 1
    return f"{counter}. {text}"
