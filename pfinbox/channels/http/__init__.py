"""What channels over HTTP share: calling a service's API, taking what it pushes, fetching files."""
