"""The tray program: follows channels and shows their messages on an outlet's PC."""
