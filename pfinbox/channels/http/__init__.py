"""What channels over HTTP share: fetching files that a service names by their address."""
