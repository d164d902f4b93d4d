"""Takes in what platforms send: verified, read, archived, queued, and only then answered."""
