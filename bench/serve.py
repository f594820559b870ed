#!/usr/bin/env python3
"""Ordinary requests to `yagura serve` while many streams of events are open.

    bench/serve.py BUILD [--streams 500] [--requests 2000] [--lake DIR]

Measured from another process over loopback, one request after the other on a connection kept alive, first
without streams and then with them. Prints Markdown; times in milliseconds, memory as the kernel counts it.
"""
import argparse, contextlib, pathlib, re, resource, signal, socket, subprocess, tempfile, time


def start(program, lake):
    child = subprocess.Popen([program, "serve", "--lake", lake, "--listen", "127.0.0.1:0"],
                             stdout=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)/", child.stdout.readline())[1])
    return child, port


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def read_answer(client):
    text = b""
    while (end := text.find(b"\r\n\r\n")) < 0:
        text += client.recv(65536)
    status = int(text[9:12])
    length = int(re.search(rb"Content-Length: (\d+)", text)[1])
    while len(text) < end + 4 + length:
        text += client.recv(65536)
    return status


def times(port, path, count):
    """Sorted milliseconds of `count` requests, or None where there is no such resource."""
    taken = []
    with contextlib.closing(connect(port)) as client:
        for _ in range(count):
            begin = time.perf_counter()
            client.sendall(request(path))
            if read_answer(client) != 200:
                return None
            taken.append((time.perf_counter() - begin) * 1000)
    return sorted(taken)


def open_streams(port, count):
    streams = []
    for _ in range(count):
        client = connect(port)
        client.sendall(request("/api/v1/stream?topics=counters"))
        streams.append(client)
    for client in streams:
        head = client.recv(4096)
        if b"text/event-stream" not in head:
            raise SystemExit(f"no stream of events: {head[:200]!r}")
    return streams


def show(port, streams, paths, count):
    for path in paths:
        taken = times(port, path, count)
        if taken:
            print(f"| {streams} | `{path}` | {taken[len(taken) // 2]:.2f} | {taken[len(taken) * 99 // 100]:.2f} "
                  f"| {taken[-1]:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--lake")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    paths = ["/healthz", "/api/v1/session", "/api/v1/lake", "/api/v1/findings?limit=50"]
    with tempfile.TemporaryDirectory() as scratch:
        server, port = start(f"{options.build}/yagura", options.lake or f"{scratch}/lake")
        try:
            print("| open streams | request | p50 ms | p99 ms | worst ms |\n| --- | --- | --- | --- | --- |")
            show(port, 0, paths, options.requests)
            before = resident_mib(server.pid)
            streams = open_streams(port, options.streams)
            show(port, options.streams, paths, options.requests)
            after = resident_mib(server.pid)
            print(f"\nResident: {before:.0f} MiB without streams, {after:.0f} MiB with {len(streams)}: "
                  f"{(after - before) * 1024 / len(streams):.0f} KiB each.")
        finally:
            server.send_signal(signal.SIGTERM)
            if server.wait(30) != 0:
                raise SystemExit("the server did not end as it should")


if __name__ == "__main__":
    main()
