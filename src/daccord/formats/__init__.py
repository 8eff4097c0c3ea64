"""Read and write files: the round folder, and other people's formats."""
