"""The console's windows. Views show models and ask the session; no Redis in here."""
