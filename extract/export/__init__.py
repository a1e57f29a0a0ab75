"""Exporting: the rules of one scope, with the bindings of the user, to what a real firewall takes; each output is read back."""
