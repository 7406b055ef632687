"""What is wrong with a definition: the checks before anything is stored or started."""
