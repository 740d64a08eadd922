"""What is forked in tests: says what it is, and ends as it is told."""

import atexit
import json
import os
import sys
import time


def main() -> None:
    atexit.register(print, "at the end")
    said = {"arguments": sys.argv[1:], "name": __name__, "session": os.getsid(0)}
    print(json.dumps({**said, "environment": dict(os.environ)}))
    print("complained", file=sys.stderr)
    if "stay" in sys.argv:
        sys.stdout.flush()
        time.sleep(600)
    raise SystemExit("no disk left")


if __name__ == "__main__":
    main()
