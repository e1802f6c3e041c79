"""The page: what the other rooms made, for looking at. Nothing is computed here that a command does not give."""
