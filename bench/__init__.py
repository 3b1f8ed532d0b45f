"""What `make bench` does around Google Benchmark's program: runs it, and makes tables and plots of its figures."""
