"""What a text alone shows: words, characters, structure, secrets."""
