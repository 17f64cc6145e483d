"""A server of mirrors, good and bad: all that can come instead of a file, or on the way to it."""

import gzip
import http.server
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

NAME = "stand-in-idx1-ubyte"
CONTENT = b"\0\0\x08\x01" + struct.pack(">I", 20_000) + random.Random(0).randbytes(5_000) * 4
GOOD = gzip.compress(CONTENT, mtime=0)
WEB_PAGE = b"<!DOCTYPE html><html><title>Sign in</title>Welcome to this hotel.</html>"


class Mirror(http.server.BaseHTTPRequestHandler):
    """Asked for /case/seed/file, it answers as the case does, with random numbers of that seed."""

    server: "Server"

    def do_GET(self) -> None:
        """Answer once, and end the connection."""
        _, case, seed, _ = self.path.split("/")
        self.server.asked.append(case)
        CASES[case].answer(self, random.Random(seed))

    def send(self, body: bytes, *lines: str, status: str = "200 OK", length: bool = True) -> None:
        """Send head and body; the length is that of the body unless a line says another."""
        if length and not any("-Length" in line or "chunked" in line for line in lines):
            lines = (*lines, f"Content-Length: {len(body)}")
        head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *lines, ""))
        self.wfile.write(head.encode() + body)

    def forever(self, piece: bytes, pause: float = 0) -> None:
        """Send the same up to 64 MB, or for 10 s, or until nobody listens or the server ends."""
        for _ in range(int(10 / pause) if pause else 2**26 // len(piece)):
            if self.server.over.wait(pause):
                return
            self.wfile.write(piece)

    def reset(self) -> None:
        """End the connection as a crash does, without a good-bye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server of mirrors; one for each case and seed."""

    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Mirror)
        self.asked: list[str] = []
        self.over = threading.Event()

    def url(self, case: str, seed: int = 0) -> str:
        """Where a mirror is that answers so."""
        return f"http://127.0.0.1:{self.server_port}/{case}/{seed}/"

    def handle_error(self, *args: object) -> None:
        """Nobody listens any more: that is as it should be."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server until the end of the block."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


# What can be answered ---------------------------------------------------------------------------


class Case(NamedTuple):
    """An answer, and what is said of it; None: the file is to be taken."""

    answer: Callable[[Mirror, random.Random], None]
    says: str | None
    slow: bool = False


CASES: dict[str, Case] = {}
EITHER = {"altered"}
"""A bit of the head of a gzip file means nothing to the content."""


def case(says: str | None = None, *, slow: bool = False) -> Callable[..., None]:
    """Enter an answer into the table, under its name."""

    def enter(answer: Callable[[Mirror, random.Random], None]) -> None:
        CASES[answer.__name__[1:].replace("_", "-")] = Case(answer, says, slow)

    return enter


def cut(rng: random.Random, whole: bytes = GOOD) -> bytes:
    """Break off somewhere, after ten bytes at least."""
    return whole[: rng.randrange(10, len(whole) - 8)]


def chunked(rng: random.Random, whole: bytes) -> bytes:
    """Write as chunks of random sizes, without the last one."""
    parts, at = [], 0
    while at < len(whole):
        part = whole[at : at + rng.randrange(1, 4_000)]
        parts.append(b"%x\r\n%s\r\n" % (len(part), part))
        at += len(part)
    return b"".join(parts)


@cache
def bomb() -> bytes:
    """16 KB that unpack to 16 MB."""
    return gzip.compress(bytes(2**24), mtime=0)


@case()
def _whole(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD)


@case()
def _packed_anew(to: Mirror, rng: random.Random) -> None:
    to.send(gzip.compress(CONTENT, rng.randrange(10), mtime=rng.randrange(2**31)))


@case()
def _unpacked(to: Mirror, rng: random.Random) -> None:
    to.send(CONTENT)


@case()
def _labelled_as_packed_on_the_way(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, "Content-Encoding: gzip")


@case()
def _in_chunks(to: Mirror, rng: random.Random) -> None:
    to.send(chunked(rng, GOOD) + b"0\r\n\r\n", "Transfer-Encoding: chunked")


@case()
def _without_a_length(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, length=False)


@case()
def _in_pieces(to: Mirror, rng: random.Random) -> None:
    to.send(b"", f"Content-Length: {len(GOOD)}")
    for at in range(0, len(GOOD), 700):
        to.wfile.write(GOOD[at : at + 700])
        time.sleep(rng.random() / 1_000)


@case()
def _zeros_behind(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD + bytes(rng.randrange(1, 600)))


@case()
def _moved(to: Mirror, rng: random.Random) -> None:
    to.send(b"", f"Location: {to.server.url('whole')}{NAME}.gz", status="302 Found")


@case()
def _moved_with_many_words(to: Mirror, rng: random.Random) -> None:
    to.send(b"", f"Location: {to.server.url('whole')}{NAME}.gz", status="301 Moved", length=False)
    to.forever(bytes(2**16))


@case("IncompleteRead")
def _cut_short(to: Mirror, rng: random.Random) -> None:
    to.send(cut(rng), f"Content-Length: {len(GOOD)}")


@case("cut short")
def _cut_short_without_a_word(to: Mirror, rng: random.Random) -> None:
    to.send(cut(rng))


@case("IncompleteRead")
def _length_too_long(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, f"Content-Length: {len(GOOD) + rng.randrange(1, 10**12)}")


@case("cut short")
def _length_too_short(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, f"Content-Length: {len(cut(rng))}")


@case("ValueError: invalid literal")
def _length_of_letters(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, "Content-Length: many")


@case("InvalidHeader: Content-Length contained multiple")
def _two_lengths(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, "Content-Length: 7", f"Content-Length: {len(GOOD)}")


@case("cut short|no gzip|is not the published one")
def _altered(to: Mirror, rng: random.Random) -> None:
    bits = bytearray(GOOD)
    bits[rng.randrange(len(bits))] ^= 1 << rng.randrange(8)
    to.send(bytes(bits))


@case("cut short|no gzip|is not the published one")
def _altered_at_many_places(to: Mirror, rng: random.Random) -> None:
    bits = bytearray(GOOD)
    for _ in range(100):
        bits[rng.randrange(10, len(bits))] ^= 255
    to.send(bytes(bits))


@case("not a whole file|Incomplete|ended prematurely|InvalidChunkLength")
def _chunks_broken_off(to: Mirror, rng: random.Random) -> None:
    to.send(cut(rng, chunked(rng, GOOD)), "Transfer-Encoding: chunked")


@case("more than 85544 bytes")
def _chunks_without_end(to: Mirror, rng: random.Random) -> None:
    to.send(b"", "Transfer-Encoding: chunked")
    to.forever(b"1000\r\n" + bytes(4096) + b"\r\n")


@case("exceeded maximum allowed length|InvalidChunkLength")
def _a_size_without_end(to: Mirror, rng: random.Random) -> None:
    to.send(b"", "Transfer-Encoding: chunked")
    to.forever(b"1" * 2**16)


@case("more than 85544 bytes")
def _without_end(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, length=False)
    to.forever(rng.randbytes(2**16))


@case("LineTooLong|got more than|IncompleteRead|reset|Broken pipe")
def _head_without_end(to: Mirror, rng: random.Random) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\n")
    to.forever(rng.choice([b"X-More: and more\r\n", b"x" * 2**16]))


@case("more than 20008 bytes")
def _a_bomb(to: Mirror, rng: random.Random) -> None:
    to.send(bomb())


@case(r"more than 20008 bytes|start b'\\x1f\\x8b")
def _a_bomb_to_be_unpacked_on_the_way(to: Mirror, rng: random.Random) -> None:
    body, times = bomb(), rng.randrange(1, 3)
    for _ in range(times):
        body = gzip.compress(body, mtime=0)
    to.send(body, f"Content-Encoding: {', '.join(['gzip'] * (times + 1))}")


@case(r"start b'\\x1f\\x8b")
def _packed_twice(to: Mirror, rng: random.Random) -> None:
    to.send(gzip.compress(GOOD))


@case("a web page .it starts b'<!DOCTYPE html>")
def _a_page(to: Mirror, rng: random.Random) -> None:
    to.send(WEB_PAGE, "Content-Type: text/html")


@case("a web page .it starts b'<!DOCTYPE html>")
def _moved_to_a_page(to: Mirror, rng: random.Random) -> None:
    to.send(b"", f"Location: {to.server.url('a-page')}x", status="307 Temporary Redirect")


@case("0 bytes that start b''")
def _nothing(to: Mirror, rng: random.Random) -> None:
    to.send(b"", status=rng.choice(["200 OK", "204 No Content", "304 Not Modified"]))


@case(r"it answers \d\d\d \w+")
def _an_error(to: Mirror, rng: random.Random) -> None:
    to.send(GOOD, status=f"{rng.choice([400, 403, 404, 410, 429, 500, 502, 503])} \x1b[2JGone")


@case("Exceeded 30 redirects")
def _a_circle(to: Mirror, rng: random.Random) -> None:
    to.send(b"", f"Location: {to.path}", status="302 Found")


@case(
    "No connection adapters|Exceeded 30|Invalid IPv6 URL|Failed to parse|label empty|invalid label"
)
def _moved_to_nowhere(to: Mirror, rng: random.Random) -> None:
    places = ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://[::1", "http://.a/"]
    to.send(b"", f"Location: {rng.choice(places)}", status="302 Found")


@case("Connection reset|closed connection without response|Connection aborted")
def _reset_at_once(to: Mirror, rng: random.Random) -> None:
    to.reset()


@case("Connection reset|IncompleteRead|closed connection")
def _reset_in_the_middle(to: Mirror, rng: random.Random) -> None:
    to.send(cut(rng), f"Content-Length: {len(GOOD)}")
    to.reset()


@case("BadStatusLine|Remote end closed")
def _another_protocol(to: Mirror, rng: random.Random) -> None:
    to.wfile.write(
        b"\x1b[2J\x07" + rng.choice([b"SSH-2.0-OpenSSH_9.6\r\n", b"\r\n", b"\x16\x03\x01\r\n"])
    )


@case("only [0-9]+ bytes came", slow=True)
def _drop_by_drop(to: Mirror, rng: random.Random) -> None:
    to.send(cut(rng), f"Content-Length: {len(GOOD)}")
    to.forever(b"\0", 0.05)


@case("only 0 bytes came", slow=True)
def _head_drop_by_drop(to: Mirror, rng: random.Random) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    to.forever(b"x", 0.05)


@case("only [0-9]+ bytes came", slow=True)
def _chunks_drop_by_drop(to: Mirror, rng: random.Random) -> None:
    to.send(chunked(rng, cut(rng)), "Transfer-Encoding: chunked")
    to.forever(b"1\r\n\0\r\n", 0.05)


@case("timed out", slow=True)
def _silent(to: Mirror, rng: random.Random) -> None:
    to.server.over.wait(10)


@case("timed out", slow=True)
def _silent_in_the_middle(to: Mirror, rng: random.Random) -> None:
    to.send(cut(rng), f"Content-Length: {len(GOOD)}")
    to.server.over.wait(10)
