#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""signature.py MODULE CERTIFICATE: check that the signature at the end of a
module matches its bytes and the certificate's key. The check uses OpenSSL
instead of the program that signed the module."""
import os
import struct
import subprocess
import sys
import tempfile

MAGIC = b"~Module signature appended~\n"


def main():
    module, certificate = sys.argv[1:]
    with open(module, "rb") as file:
        data = file.read()
    if not data.endswith(MAGIC):
        sys.exit("no signature")
    data = data[:-len(MAGIC)]
    length = struct.unpack(">I", data[-4:])[0]
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("signature", "body")]
        for path, part in zip(paths, (data[-12 - length:-12],
                                      data[:-12 - length])):
            with open(path, "wb") as file:
                file.write(part)
        pem = os.path.join(folder, "pem")
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in",
                        certificate, "-out", pem], check=True)
        done = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
             paths[0], "-content", paths[1], "-certfile", pem, "-noverify",
             "-out", os.devnull], check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
