"""A fund to try things on: real prices and rates of 2022, holdings made up for illustration."""
