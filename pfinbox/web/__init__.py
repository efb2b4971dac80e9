"""The door to the web: pages for clients, a front end beside the screen and the command line."""
