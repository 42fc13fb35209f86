"""What can be told from a text by itself: words, characters, structure, secrets."""
