"""What `make audit` looks at before a release: templates, workflows, and everything from others that ships."""
