"""What `make bench` does around Google Benchmark's program: runs it, shows its figures."""
