"""What `desk doctor` looks at, a module for each part of the way from an account to the first contact."""
