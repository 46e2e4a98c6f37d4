"""The console: head office writes a message and sees where it went."""
