"""The daemon's own: accounts from the config, leases, absences."""
