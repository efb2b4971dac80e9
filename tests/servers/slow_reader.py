"""A reading process that takes as long for a mail as its header ``X-Takes`` says, in seconds.

So hostile mails did before they were capped, and others will.
"""

import re
import time

from pfinbox.channels.mail.apart.worker_main import main
from pfinbox.channels.mail.reading.mime import Place, Reader, read_mail
from pfinbox.domain.contract.incoming import Message


def read(raw: bytes, reader: Reader, place: Place) -> Message:
    takes = re.search(rb"^X-Takes: ([0-9.]+)", raw, re.MULTILINE)
    until = time.process_time() + float(takes[1] if takes else 0)
    while time.process_time() < until:
        pass
    return read_mail(raw, reader, place)


if __name__ == "__main__":
    main(read)
