from labels import labelled

rows = list(labelled("reviews.txt"))
print(len(rows))
for number, (text, label) in enumerate(rows):
    print(number, label, text)
