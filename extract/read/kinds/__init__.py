"""Documents of other kinds than HTML and Markdown: a module for each makes HTML of it, with the places of the file."""
