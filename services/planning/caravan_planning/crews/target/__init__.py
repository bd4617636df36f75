"""The crew that judges targets where two ways are close or a licence binds."""
