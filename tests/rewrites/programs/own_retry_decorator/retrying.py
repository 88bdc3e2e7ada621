import functools
import time


def retry(kind, times, pause):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            delay = pause
            for _ in range(times - 1):
                try:
                    return function(*args, **kwargs)
                except kind:
                    time.sleep(delay)
                    delay *= 2
            return function(*args, **kwargs)

        return wrapper

    return decorate
