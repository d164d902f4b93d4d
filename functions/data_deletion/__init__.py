"""What platforms ask in a person's name: to delete what the desk has of them."""
