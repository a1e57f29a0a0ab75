"""Publishing: validated bytes, written whole or not at all."""
