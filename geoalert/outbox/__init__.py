"""The durable ledger of what is to be sent and what became of it."""
