remembered = []


def remember(text):
    remembered.append(text)


def recall():
    return "\n".join(remembered[-2:])
