"""`tenuto demo monitor`: a page that changes, who is told, and what a killed worker costs."""
