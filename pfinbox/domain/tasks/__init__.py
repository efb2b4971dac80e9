"""Rules for what agents do with tasks."""
