"""What a mail may hold besides plain text: HTML, RTF, winmail.dat, invitations."""
