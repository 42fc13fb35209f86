"""Chat completions of the reference endpoint: what is asked, and the objects of an answer."""
