"""Files to text, and everything later stages ask of a file: text, outline, body, location."""
