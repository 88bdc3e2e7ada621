from bench import timed_ask

seconds = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    answer, elapsed = timed_ask(line)
    seconds.append(elapsed)
    print(answer)
print(max(seconds) < 60)
