"""A place that the cluster can reach, and the cluster's knowledge of it: upload and registration."""
