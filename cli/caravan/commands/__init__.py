"""One module per command or family of commands. They import what is slow only when they are called."""
