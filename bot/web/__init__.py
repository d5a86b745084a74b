"""What all staff pages share: layout, signing in, roles, security headers, languages, live streams."""
