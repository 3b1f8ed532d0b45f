"""How every Python command here starts and ends: what it inherits, where it writes, what its exit code says.

launch        the one way to start a module: isolated from the shell's Python settings
guard         runs its `main`: whatever goes wrong is exit 2 and a sentence; the traceback goes to a file
surroundings  the environment that it and its children have: made from a short list, not inherited
output        streams that outlive their terminal
"""
