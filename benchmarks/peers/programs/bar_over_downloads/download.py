import sys
from pathlib import Path

import httpx
from tqdm import tqdm

urls = Path(sys.argv[1]).read_text().splitlines()
for url in tqdm(urls):
    Path("pages", url.rpartition("/")[2]).write_bytes(httpx.get(url).content)
