"""`make boot`: builds the example kernels, boots them under QEMU, and says in one table what held."""
