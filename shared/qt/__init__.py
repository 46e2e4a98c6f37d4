"""What both programs share of Qt. Knows no Redis."""
