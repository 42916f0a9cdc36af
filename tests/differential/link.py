"""One connection to one broker: bytes out, packets in, as far as they have come."""

import select
import socket
import time

import packets


class Link:
    def __init__(self, port, version):
        self.version = version
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kept = b""
        self.came = []  # packets that nobody has looked at yet
        self.pongs = 0
        self.ended = False
        self.greeted = False  # let in
        self.aliases = {}  # ("sent" or "heard", alias): topic

    def send(self, data):
        if self.ended:
            return
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # what the broker said before it closed is still to be read

    def pump(self, seconds):
        """Reads what comes within the time; True when something did."""
        if self.ended or not select.select([self.socket], [], [], seconds)[0]:
            return False
        try:
            data = self.socket.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self.ended = True
            return True
        self.kept += data
        while (packet := self.take_packet()) is not None:
            kind, said = packets.read(self.version, *packet)
            if kind == packets.PINGRESP:
                self.pongs += 1
                continue
            if kind == packets.CONNACK and said["reason"] == 0:
                self.greeted = True
            self.came.append((kind, said))
        return True

    def take_packet(self):
        length = place = 0
        for at, byte in enumerate(self.kept[1:5], 1):
            length |= (byte & 0x7F) << place
            place += 7
            if not byte & 0x80:
                end = at + 1 + length
                if len(self.kept) < end:
                    return None
                first, body = self.kept[0], self.kept[at + 1:end]
                self.kept = self.kept[end:]
                return first, body
        return None

    def until(self, condition, seconds):
        """Reads until the condition holds or the connection ends; False when time runs out before."""
        end = time.monotonic() + seconds
        while not condition() and not self.ended:
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.pump(left)
        return True

    def ping(self, seconds):
        """All that the broker had for this connection is read when it answers."""
        before = self.pongs
        self.send(packets.PING)
        return self.until(lambda: self.pongs > before, seconds)

    def leave(self):
        """Ends without a word, and waits until the broker has seen it."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.until(lambda: False, 5)
        self.close()

    def close(self):
        self.ended = True
        self.socket.close()
