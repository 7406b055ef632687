"""`tenuto monitor`: questions to the web, asked on a schedule, and who is told of the answer."""
