"""A backup of the whole inbox: made, checked, put back, and removed when it is old."""
