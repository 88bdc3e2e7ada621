"""What names, attributes and calls evaluate to: abstract values of expressions, across modules."""
