"""The written bank, and what is made of it: the first reader's model, and its figures on hands it has not heard."""
