#!/usr/bin/env python3
"""`ser extract` with object stores, against a real S3 server on this machine, by way of a proxy that injects faults.

    cargo build --release --features remote
    python3 tests/remote/check.py target/release/ser [--only NAME …]

Needs the package moto[server] (with boto3), which is installed into a virtual environment in target/remote if it is not there. Each test prints what it
measured; the exit code is the number of tests that failed. Nothing leaves the machine.
"""

import argparse, http.client, logging, os, pathlib, re, resource, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time, traceback
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "target" / "remote" / "venv"

try:
    import boto3
    from moto.server import ThreadedMotoServer
except ImportError:
    python = ENVIRONMENT / "bin" / "python"
    if pathlib.Path(sys.prefix) == ENVIRONMENT:
        raise
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "moto[server]", "boto3"], check=True)
    os.execv(python, [str(python), *sys.argv])

logging.getLogger("werkzeug").setLevel(logging.ERROR)
SECRET = "9f3k-secret-never-printed"
BUCKET = "speech"
MEBIBYTE = 1 << 20


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on to the S3 server; `fault(method, path, range)` chooses what goes wrong."""

    protocol_version = "HTTP/1.1"
    upstream = None
    fault = staticmethod(lambda method, path, wanted: None)
    requests = 0
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def pass_on(self):
        with Proxy.lock:
            Proxy.requests += 1
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        fault = Proxy.fault(self.command, self.path, self.headers.get("Range"))
        if fault == "500":
            self.send_response(500)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if fault == "reset":
            # RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return self.connection.close()
        upstream = http.client.HTTPConnection(*Proxy.upstream, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "accept-encoding")}
        upstream.request(self.command, self.path, body or None, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(name, value)
        # A proxy that says the wrong thing consistently: only the length of what was asked for tells.
        sent = content[: len(content) // 2] if fault in ("truncated", "short") and self.command == "GET" else content
        announced = answer.getheader("Content-Length") if self.command == "HEAD" else len(sent if fault == "short" else content)
        self.send_header("Content-Length", str(announced or 0))
        if fault == "truncated":
            self.close_connection = True
        self.end_headers()
        if self.command == "HEAD":
            return None
        if fault == "slow":
            half = len(sent) // 2
            self.wfile.write(sent[:half])
            self.wfile.flush()
            time.sleep(1.5)
            self.wfile.write(sent[half:])
        else:
            self.wfile.write(sent)
        return None

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


class World:
    def __init__(self, ser):
        self.ser = pathlib.Path(ser).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ser-remote-"))
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        host, port = self.moto.get_host_and_port()
        Proxy.upstream = (host, port)
        self.proxy = Server(("127.0.0.1", 0), Proxy)
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.proxy.server_address[1]}"
        self.s3 = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key=SECRET)
        self.s3.create_bucket(Bucket=BUCKET)
        self.said = []
        self.clips = self.folder / "clips"
        self.clips.mkdir()
        sources = sorted((ROOT / "tests" / "signal").glob("sweep*")) + sorted((ROOT / "assets" / "speech").glob("*"))
        for source in sources:
            shutil.copy(source, self.clips)
        (self.clips / "notes.txt").write_text("no recording")
        (self.clips / "sub").mkdir()
        shutil.copy(self.clips / "sweep.flac", self.clips / "sub" / "a b ü.flac")
        shutil.copy(self.clips / "sweep.flac", self.clips / "sub" / "half.wav.part")
        self.fill("clips", self.clips)

    def fill(self, prefix, folder):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def put(self, key, content):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def get(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [o["Key"] for page in pages for o in page.get("Contents", [])]

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GOOGLE_", "AZURE_"))}
        return kept | {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.url, "AWS_ALLOW_HTTP": "true"} | more

    def start(self, *arguments, **more):
        return subprocess.Popen([self.ser, "extract", *map(str, arguments)], env=self.environment(**more), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process, code=None):
        out, err = process.communicate(timeout=300)
        self.said.append(err)
        assert SECRET not in err + out, err
        if code is not None:
            assert process.returncode == code, (process.returncode, err)
        return err

    def run(self, *arguments, code=0, **more):
        return self.end(self.start(*arguments, **more), code)

    def measured(self, *arguments):
        """Peak memory of a run in MB, and its seconds."""
        program = "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(r.returncode)"
        begun = time.monotonic()
        done = subprocess.run([sys.executable, "-c", program, self.ser, "extract", *map(str, arguments)], env=self.environment(), cwd=self.folder, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[-1]) / 1024, time.monotonic() - begun

    def local(self, folder, *arguments, prefix):
        """What the same files give here, with the URLs that they have in the store."""
        path = self.folder / "local.csv"
        self.run(folder, "-o", path, *arguments, "--restart")
        lines = path.read_text().splitlines(keepends=True)
        named = [re.sub(r'^("?)', lambda m: f"{m[1]}s3://{BUCKET}/{prefix}/", line) for line in lines[1:]]
        return "".join([lines[0], *named])


def once(wanted, fault, times=1):
    """A fault the first times that something is asked for."""
    seen, lock = {}, threading.Lock()

    def choose(method, path, ranged):
        if not wanted(method, path):
            return None
        with lock:
            seen[path] = seen.get(path, 0) + 1
            return fault if seen[path] <= times else None

    return choose


def wave(seconds, rate=16000, seed=1):
    """A WAV file of a voice-like sound."""
    second, phase = bytearray(), 0.0
    import math, random
    noise = random.Random(seed)
    for n in range(rate):
        phase += (110 + 20 * math.sin(n / rate * 6.28)) / rate
        second += struct.pack("<h", int(9000 * (phase % 1 - 0.5) + noise.gauss(0, 200)))
    data = bytes(second) * int(seconds)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16) + b"data" + struct.pack("<I", len(data)) + data


def same_bytes(w):
    expected = w.local(w.clips, prefix="clips")
    w.run(f"s3://{BUCKET}/clips", "-o", "here.csv")
    assert (w.folder / "here.csv").read_text() == expected
    assert "half.wav.part" not in expected and "a b ü.flac" in expected
    for form in ["csv", "parquet", "arff", "jsonl", "npy"]:
        w.run(f"s3://{BUCKET}/clips/", "-o", f"here.{form}", "--restart")
        w.run(f"s3://{BUCKET}/clips/", "-o", f"s3://{BUCKET}/out/there.{form}")
        beside = ["here.columns.txt", "here.rows.csv"] if form == "npy" else []
        for name in [f"here.{form}", *beside]:
            assert (w.folder / name).read_bytes() == w.get("out/" + name.replace("here", "there")), name
        if form != "parquet":
            assert (w.folder / f"here.{form}.json").read_bytes() == w.get(f"out/there.{form}.json")
    w.run(w.clips, "-o", f"s3://{BUCKET}/out/from-here.csv", "--failures", f"s3://{BUCKET}/out/failures.csv", "--quality", f"s3://{BUCKET}/out/quality.csv")
    assert w.get("out/from-here.csv") == (w.folder / "local.csv").read_bytes()
    assert w.get("out/quality.csv").startswith(b"file,start,end,speech_s") and w.get("out/failures.csv").startswith(b"file,")
    assert not [key for key in w.keys("out/") if "ser-journal" in key]
    (w.folder / "list.txt").write_text(f"s3://{BUCKET}/clips/sweep.flac\n{w.clips}/sweep.wav\n" if (w.clips / "sweep.wav").exists() else f"s3://{BUCKET}/clips/sweep.flac\n{w.clips}/sweep.mp3\n")
    w.run("--list", "list.txt", "-o", "listed.csv")
    assert len((w.folder / "listed.csv").read_text().splitlines()) == 3
    return f"{len(expected.splitlines()) - 1} recordings in {len(set(p.suffix for p in w.clips.iterdir()))} kinds of files"


def faults(w):
    expected = w.local(w.clips, prefix="clips")
    audio = lambda method, path: method == "GET" and "/clips/" in path and "list-type" not in path
    said = []
    for fault, times in [("500", 3), ("reset", 2), ("truncated", 2), ("short", 2), ("slow", 1)]:
        Proxy.fault = once(audio, fault, times)
        begun, before = time.monotonic(), Proxy.requests
        w.run(f"s3://{BUCKET}/clips", "-o", f"s3://{BUCKET}/out/{fault}.csv", "--threads", "16")
        assert w.get(f"out/{fault}.csv").decode() == expected, fault
        said.append(f"{fault} × {times}: {Proxy.requests - before} requests, {time.monotonic() - begun:.0f} s")
    # Faults of everything that is written, of listings and of questions.
    Proxy.fault = once(lambda method, path: method in ("PUT", "POST", "HEAD") or "list-type" in path, "500", 2)
    w.run(f"s3://{BUCKET}/clips", "-o", f"s3://{BUCKET}/out/all.csv")
    assert w.get("out/all.csv").decode() == expected
    return "; ".join(said)


def one_bad_object(w):
    expected = w.local(w.clips, prefix="clips").splitlines()
    url = f"s3://{BUCKET}/clips/sweep.flac"
    said = []
    for fault in ["500", "truncated", "short", "reset"]:
        Proxy.fault = lambda method, path, ranged: fault if path.startswith(f"/{BUCKET}/clips/sweep.flac") else None
        err = w.run(f"s3://{BUCKET}/clips", "-o", "bad.csv", "--failures", "bad-failures.csv", "--restart", code=1)
        rows = (w.folder / "bad.csv").read_text().splitlines()
        assert rows == [row for row in expected if not row.startswith(url + ",")], fault
        line = next(line for line in err.splitlines() if url in line)
        assert ";" in line, line
        said.append(line)
        Proxy.fault = lambda *_: None
    return "\n    ".join(said)


def changed(w):
    """A recording that is replaced while it is read, and one that was replaced since it was listed."""
    w.put("changing/a.wav", wave(200))
    other = wave(200, seed=2)
    done = threading.Event()

    def replace(method, path, ranged):
        if "a.wav" in path and ranged and ranged.startswith("bytes=3145728") and not done.is_set():
            done.set()
            w.put("changing/a.wav", other)
        return None

    Proxy.fault = replace
    err = w.run(f"s3://{BUCKET}/changing", "-o", "changed.csv", code=1)
    assert done.is_set() and "changed while it was read" in err, err
    done.clear()

    def shorten(method, path, ranged):
        if "a.wav" in path and method == "GET" and not done.is_set():
            done.set()
            w.put("changing/a.wav", wave(100))
        return None

    Proxy.fault = shorten
    again = w.run(f"s3://{BUCKET}/changing", "-o", "changed.csv", "--restart", code=1)
    assert "changed while it was read" in again, again
    return err.splitlines()[0]


def killed_and_resumed(w):
    folder = w.folder / "many"
    folder.mkdir()
    for n in range(300):
        (folder / f"{n:03}.wav").write_bytes(wave(1 + n % 3, seed=n))
    w.fill("many", folder)
    undisturbed = w.local(folder, prefix="many")
    Proxy.fault = lambda method, path, ranged: time.sleep(0.06) if "/many/" in path and method == "GET" else None
    out = f"s3://{BUCKET}/out/many.csv"
    said = []
    for sign in [signal.SIGKILL, signal.SIGINT, signal.SIGKILL]:
        process = w.start(f"s3://{BUCKET}/many", "-o", out, "--threads", "2", *(["--resume"] if said else []), TMPDIR=tempfile.mkdtemp(dir=w.folder))
        time.sleep(3.5)
        process.send_signal(sign)
        err = w.end(process)
        journal = w.keys("out/many.csv.ser-journal/")
        assert journal and "out/many.csv" not in w.keys("out/many.csv"), (journal, err)
        said.append(f"{sign.name}: {len(journal)} objects of journal")
        if sign == signal.SIGINT:
            assert process.returncode == 130 and "--resume" in err, err
    refused = w.run(f"s3://{BUCKET}/many", "-o", out, code=1)
    assert "go on with --resume, or begin anew with --restart" in refused and out in refused, refused
    differs = w.run(f"s3://{BUCKET}/many", "-o", out, "--resume", "--set", "GeMAPSv01b", code=1)
    assert "the earlier run differs" in differs and out in differs, differs
    Proxy.fault = lambda *_: None
    err = w.run(f"s3://{BUCKET}/many", "-o", out, "--resume", TMPDIR=tempfile.mkdtemp(dir=w.folder))
    assert "going on after" in err, err
    assert w.get("out/many.csv").decode() == undisturbed
    assert not w.keys("out/many.csv.ser-journal"), w.keys("out/many.csv.ser-journal")
    leftovers = [p for p in pathlib.Path(tempfile.gettempdir()).glob("ser-*/*/many.csv*")]
    assert not leftovers, leftovers
    return "; ".join(said) + f"; {err.splitlines()[0]}; equal to the undisturbed run"


def two_writers(w):
    Proxy.fault = lambda method, path, ranged: time.sleep(0.06) if "/many/" in path and method == "GET" else None
    out = f"s3://{BUCKET}/out/two.csv"
    first = w.start(f"s3://{BUCKET}/many", "-o", out, "--threads", "1")
    time.sleep(3)
    w.run(f"s3://{BUCKET}/many", "-o", out, code=1)
    second = w.start(f"s3://{BUCKET}/many", "-o", out, "--threads", "1", "--resume")
    errors = [w.end(first), w.end(second)]
    codes = sorted([first.returncode, second.returncode])
    assert codes == [0, 1], (codes, errors)
    assert any("another process writes this output" in err for err in errors), errors
    assert w.get("out/two.csv") == w.get("out/many.csv")
    third = w.start(f"s3://{BUCKET}/many", "-o", out, "--threads", "1")
    time.sleep(3)
    w.run(f"s3://{BUCKET}/many", "-o", out, "--restart", "--threads", "4")
    err = w.end(third, 1)
    assert "another process writes this output" in err, err
    assert w.get("out/two.csv") == w.get("out/many.csv") and not w.keys("out/two.csv.ser-journal")
    return err.splitlines()[0]


def outage(w):
    """A store that cannot be reached stops the run; nothing is called a failure of the recordings, and --resume goes on."""
    relay = Server(("127.0.0.1", 0), Proxy)
    threading.Thread(target=relay.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{relay.server_address[1]}"
    slow = lambda method, path, ranged: time.sleep(0.06) if "/many/" in path and method == "GET" else None
    Proxy.fault = slow
    process = w.start(f"s3://{BUCKET}/many", "-o", "outage.csv", AWS_ENDPOINT_URL=url)
    time.sleep(3)
    Proxy.fault = lambda *_: "reset"
    relay.shutdown()
    relay.server_close()
    err = w.end(process, 1)
    assert "cannot be reached" in err and "--resume" in err and not (w.folder / "outage.csv").exists(), err
    Proxy.fault = lambda *_: None
    w.run(f"s3://{BUCKET}/many", "-o", "outage.csv", "--resume")
    assert (w.folder / "outage.csv").read_bytes() == w.get("out/many.csv")
    return err.splitlines()[0]


def memory(w):
    path = w.folder / "hour.wav"
    path.write_bytes(wave(3600))
    w.s3.upload_file(str(path), BUCKET, "hour/hour.wav")
    there, seconds = w.measured(f"s3://{BUCKET}/hour", "-o", f"s3://{BUCKET}/out/hour.csv", "--threads", "1")
    here, seconds_here = w.measured(path, "-o", "hour.csv", "--threads", "1")
    row = (w.folder / "hour.csv").read_text().splitlines()[1].split(",", 1)[1]
    assert w.get("out/hour.csv").decode().splitlines()[1].split(",", 1)[1] == row
    assert there < here + 40, (there, here)
    lld, _ = w.measured(f"s3://{BUCKET}/hour", "-o", f"s3://{BUCKET}/out/hour-lld.csv", "--level", "lld", "--threads", "1")
    w.run(path, "-o", "hour-lld.csv", "--level", "lld")
    table = w.get("out/hour-lld.csv")
    assert table.count(b"\n") > 359_000 and table.replace(f"s3://{BUCKET}/hour/hour.wav,".encode(), f"{path},".encode()) == (w.folder / "hour-lld.csv").read_bytes()
    size = len(table) / MEBIBYTE
    return f"an hour (115 MB): {there:.0f} MB and {seconds:.0f} s from the store, {here:.0f} MB and {seconds_here:.0f} s from the disk; descriptors ({size:.0f} MiB, put in parts): {lld:.0f} MB"


def many_objects(w, count=4000):
    content = [wave(1, rate=8000, seed=n) for n in range(8)]
    for n in range(count):
        w.put(f"thousands/{n % 10}/{n:05}.wav", content[n % 8])
    few, _ = w.measured(f"s3://{BUCKET}/thousands/0", "-o", "few.csv")
    before = Proxy.requests
    all_of_them, seconds = w.measured(f"s3://{BUCKET}/thousands", "-o", f"s3://{BUCKET}/out/thousands.csv", "--threads", "4")
    rows = w.get("out/thousands.csv").decode().splitlines()
    assert len(rows) == count + 1 and rows[1:] == sorted(rows[1:])
    return f"{count // 10} objects {few:.0f} MB, {count} objects {all_of_them:.0f} MB, {seconds:.0f} s, {Proxy.requests - before} requests"


class Ranges(SimpleHTTPRequestHandler):
    """A web server with or without ranges."""

    protocol_version = "HTTP/1.1"
    ranges = True
    cut = False

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = pathlib.Path(self.translate_path(self.path.split("?")[0]))
        if not path.is_file():
            return self.send_error(404)
        content = path.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        status, extra = 200, {}
        size = len(content)
        if wanted and self.ranges:
            first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
            content, status = content[first : last + 1], 206
            extra["Content-Range"] = f"bytes {first}-{last}/{size}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[: len(content) // 2] if self.cut else content)
        if self.cut:
            self.close_connection = True

    do_HEAD = do_GET


def web(w):
    handler = lambda *args: Ranges(*args, directory=str(w.folder))
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    path = w.folder / "clips" / "a b ü.wav"
    path.write_bytes(wave(120))
    w.run(path, w.clips / "sweep.m4a", "-o", "disk.csv")
    rows = [line.rsplit(".wav,", 1)[-1].rsplit(".m4a,", 1)[-1] for line in (w.folder / "disk.csv").read_text().splitlines()]
    said = []
    for Ranges.ranges in [True, False]:
        w.run(f"{url}/clips/a%20b%20%C3%BC.wav?signature={SECRET}", f"{url}/clips/sweep.m4a", "-o", "web.csv", "--restart")
        text = (w.folder / "web.csv").read_text()
        assert SECRET not in text and f"{url}/clips/a%20b%20%C3%BC.wav," in text, text[:2000]
        assert [line.rsplit(".wav,", 1)[-1].rsplit(".m4a,", 1)[-1] for line in text.splitlines()] == rows
        Ranges.cut = True
        err = w.run(f"{url}/clips/a%20b%20%C3%BC.wav", "-o", "web.csv", "--restart", code=1)
        assert "ended before its end" in err, err
        said.append(err.splitlines()[0])
        Ranges.cut = False
    err = w.run(f"{url}/clips/", f"{url}/none.wav", "-o", "web.csv", "--restart", code=1)
    assert "lists nothing" in err and "none.wav: is not there" in err, err
    path.unlink()
    return "\n    ".join(said + err.splitlines()[:2])


TESTS = [same_bytes, faults, one_bad_object, changed, killed_and_resumed, two_writers, outage, memory, many_objects, web]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ser")
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    world = World(arguments.ser)
    failed = 0
    for test in TESTS:
        if arguments.only and test.__name__ not in arguments.only:
            continue
        begun = time.monotonic()
        Proxy.fault = lambda *_: None
        try:
            told = test(world)
            print(f"ok   {test.__name__} ({time.monotonic() - begun:.0f} s)\n    {told}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL {test.__name__}\n{traceback.format_exc()}", flush=True)
    shutil.rmtree(world.folder, ignore_errors=True)
    world.moto.stop()
    sys.exit(failed)


main()
