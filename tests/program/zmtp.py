"""ZMTP 3.0 (RFC 23), as far as an attacker needs it: raw sockets, and no library that would keep it
from doing wrong."""
import socket
import struct

MORE, LONG, COMMAND = 1, 2, 4


def greeting(mechanism="NULL", version=(3, 0), as_server=False):
    return (b"\xff" + b"\0" * 7 + b"\x01\x7f" + bytes(version) + mechanism.encode().ljust(20, b"\0") +
            bytes([as_server]) + b"\0" * 31)


def frame(body, flags=0):
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | LONG]) + struct.pack(">Q", len(body)) + body


def announced(length, flags=0):
    """The beginning of a frame of `length` bytes."""
    return bytes([flags | LONG]) + struct.pack(">Q", length)


def command(name, body=b""):
    return frame(bytes([len(name)]) + name.encode() + body, COMMAND)


def properties(**values):
    return b"".join(bytes([len(name)]) + name.replace("_", "-").encode() + struct.pack(">I", len(value)) + value
                    for name, value in values.items())


READY = command("READY", properties(Socket_Type=b"DEALER", Identity=b""))


def message(*parts):
    return b"".join(frame(part, MORE if i + 1 < len(parts) else 0) for i, part in enumerate(parts))


def connect(port, limit=5):
    return socket.create_connection(("127.0.0.1", port), limit)


def take(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


def take_frame(connection):
    """Flags and body."""
    flags, length = take(connection, 2)
    if flags & LONG:
        length = struct.unpack(">Q", bytes([length]) + take(connection, 7))[0]
    return flags, take(connection, length)


def take_message(connection):
    parts = []
    while True:
        flags, body = take_frame(connection)
        if flags & COMMAND:
            continue
        parts.append(body)
        if not flags & MORE:
            return parts


def plain_client(port, user, password):
    """A connection that knows the password. Throws ConnectionError when it is not let in."""
    connection = connect(port)
    connection.sendall(greeting("PLAIN"))
    take(connection, 64)
    user, password = user.encode(), password.encode()
    connection.sendall(command("HELLO", bytes([len(user)]) + user + bytes([len(password)]) + password))
    flags, body = take_frame(connection)
    if body[1:1 + body[0]] != b"WELCOME":
        connection.close()
        raise ConnectionError(body.decode(errors="replace"))
    connection.sendall(command("INITIATE", properties(Socket_Type=b"DEALER", Identity=b"")))
    take_frame(connection)  # READY
    return connection


def recorded_messages(data):
    """The messages in what a client sent from the first byte on."""
    at, parts, messages = 64, [], []
    while at + 2 <= len(data):
        flags, length, head = data[at], data[at + 1], 2
        if flags & LONG:
            if at + 9 > len(data):
                break
            length, head = struct.unpack(">Q", data[at + 1:at + 9])[0], 9
        body = data[at + head:at + head + length]
        at += head + length
        if len(body) < length:
            break
        if flags & COMMAND:
            continue
        parts.append(body)
        if not flags & MORE:
            messages.append(parts)
            parts = []
    return messages
