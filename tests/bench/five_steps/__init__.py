"""One workflow of five steps, written twice: on Tenuto and by hand on the SDK."""
