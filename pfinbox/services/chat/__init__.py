"""What a visitor of a website chat looks up: the door has proven whose chat it is."""
