"""What `make test` runs: builds, tests in C and Python, corpus replays, canaries, freestanding, style."""
