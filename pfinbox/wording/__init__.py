"""Sentences for people that the terminal and the command line share: times, automatic lines."""
