"""Call graph + bodies → workloads: is a user waiting, can the items run independently, is the volume worth it. Pure."""
