"""The ports of IMAP and SMTP by how they are encrypted (RFC 8314, RFC 9051, RFC 6409)."""

IMAP_PORTS = {"ssl": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"ssl": 465, "starttls": 587, "none": 25}
