"""The command line: one module per noun, each command a few lines over the desk."""
