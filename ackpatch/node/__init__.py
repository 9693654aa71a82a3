"""What makes a node boot: kubelet's starts, its unit and environment files, its four flags. No editing here."""
