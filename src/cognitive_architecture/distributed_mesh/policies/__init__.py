"""Pure decisions: values in, a value and its reasons out. No clock, no state, no effects."""
