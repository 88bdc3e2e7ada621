import os

from providers import make_provider

provider = make_provider(os.environ.get("PROVIDER", "anthropic"))
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(provider.complete("Summarise: " + line))
