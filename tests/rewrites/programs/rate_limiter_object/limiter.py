import time


class RateLimiter:
    def __init__(self, per_minute):
        self.interval = 60 / per_minute
        self.last = 0.0

    def wait(self):
        now = time.monotonic()
        if now - self.last < self.interval:
            time.sleep(self.interval - (now - self.last))
        self.last = time.monotonic()
