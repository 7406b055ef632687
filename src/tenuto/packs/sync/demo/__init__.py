"""`tenuto demo sync`: a busy API, killed workers, corrections, and every row counted."""
