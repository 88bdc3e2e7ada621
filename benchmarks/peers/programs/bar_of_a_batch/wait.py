import sys
import time

from openai import OpenAI
from tqdm import tqdm

client = OpenAI()
ENDED = ("completed", "failed", "expired", "cancelled")

batch = client.batches.retrieve(sys.argv[1])
with tqdm(total=batch.request_counts.total) as bar:
    while batch.status not in ENDED:
        time.sleep(30)
        batch = client.batches.retrieve(batch.id)
        bar.update(batch.request_counts.completed - bar.n)
print(batch.status, batch.output_file_id)
