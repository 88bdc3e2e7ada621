import sys
from collections import Counter

import anthropic

client = anthropic.Anthropic()


def vote(question: str, samples: int) -> str:
    votes: Counter[str] = Counter()
    for _ in range(samples):
        reply = client.messages.create(
            model="claude-haiku-4-5", max_tokens=5, messages=[{"role": "user", "content": question + " Answer yes or no."}]
        )
        votes[reply.content[0].text] += 1
    return votes.most_common(1)[0][0]


print(vote(sys.argv[1], int(sys.argv[2])))
