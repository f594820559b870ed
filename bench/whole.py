#!/usr/bin/env python3
"""The main job measured as a whole process, in one run, as ratios to the floor of the same run.

    bench/whole.py BUILD [--events 500000] [--runs 3] [--lake-events 10000000] [--skip-lake] [--skip-detect]
                         [--only-ingest]

BUILD holds yagura and bench_floor. The corpus comes from `yagura simulate` and is kept in BUILD/bench-data.
Prints Markdown: rates are events per second, the best of several runs (other work on a machine only slows
a run down); memory is the process's maximum resident size.
"""
import argparse, gzip, hashlib, json, os, pathlib, re, shutil, subprocess, sys, tempfile, time, uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(command, **options):
    """Seconds, peak MiB and standard output of one whole process."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.PIPE, **options)
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if child.returncode not in (0, 3):
        sys.exit(f"{command}: exit {child.returncode}\n{errors.decode(errors='replace')}")
    return seconds, usage.ru_maxrss / 1024, text


def best(runs, command, before=None):
    results = []
    for _ in range(runs):
        if before:
            before()
        results.append(run(command))
    return min(results, key=lambda r: r[0])


def by_turns(runs, command, before=None):
    """The best run on one core and on two, {1: …, 2: …}: in turn, so that whatever else the machine does meets both."""
    results = {1: [], 2: []}
    for _ in range(2 * runs):
        for cores, list_of in results.items():
            list_of.append(best(1, command + ["-j", cores], before))
    return {cores: min(list_of, key=lambda r: r[0]) for cores, list_of in results.items()}


def folder_bytes(folder, suffix=""):
    return sum(p.stat().st_size for p in pathlib.Path(folder).rglob("*" + suffix) if p.is_file())


def simulate(yagura, folder, events, seed, days):
    if not (folder / "ground-truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run([yagura, "simulate", "key-leak", "--seed", seed, "--events", events, "--days", days, "-o", folder])


# Rules made from ours, for what many rules cost where nothing but this project is present. A copy asks the same of other
# fields and for values that no event has, so it costs what a rule costs and matches nothing more.
NAMES = {"eventName", "eventSource", "type", "service.serviceName"}


def single_event_rules():
    """The texts of our rules about one event each."""
    texts = [path.read_text() for path in sorted((ROOT / "rules").rglob("*.yml"))]
    several = re.compile(r"^(---|correlation:|filter:|    first_seen:)", re.M)
    return [text for text in texts if not several.search(text)]


def generated_rules(folder, count):
    """A folder of exactly `count` rules: ours, then copies. Made once."""
    if (folder / "made").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ours = single_event_rules()
    for i in range(count):
        text, copy = ours[i % len(ours)], i // len(ours)
        if copy:
            text = re.sub(r"^id:.*$", f"id: {uuid.uuid5(uuid.NAMESPACE_URL, f'{i}')}", text, flags=re.M)
            text = re.sub(r"^name:.*\n", "", text, flags=re.M)
            text = re.sub(r"^title:(.*)$", f"title: Rule {i} made from ours", text, flags=re.M)
            text = other_values(text, copy)
        (folder / f"{i:05}.yml").write_text(text)
    (folder / "made").touch()
    return folder


def other_values(text, copy):
    """The rule with other values, except for what says which call it is about."""
    lines, field, inside = [], "", False
    for line in text.split("\n"):
        if line and not line[0].isspace():
            inside = line.startswith("detection:")
        key = re.match(r"\s+-? *([A-Za-z_.@-]+)(\|[a-z|]+)?:", line)
        if inside and key:
            field = key.group(1)
        plain = re.match(r"(\s+(?:- +)?(?:[A-Za-z_.@-]+: +)?)([A-Za-z][A-Za-z0-9_.-]*)$", line)
        is_value = plain and not line.rstrip().endswith(":") and plain.group(2) not in ("true", "false", "null")
        if inside and is_value and field not in NAMES | {"condition"}:
            line = f"{plain.group(1)}{plain.group(2)}x{copy}"
        lines.append(line)
    return "\n".join(lines)


# What ingest is compared with: the same events in small files and in large ones, those of the simulator and the bodies of
# a real incident repeated. Real ones are there only where shared data is.
FILE_SIZES = {"22": 22, "5,000": 5000}


def records_of(folder):
    """The records of a folder of CloudTrail files, as JSON texts."""
    for path in sorted(folder.rglob("*.json*")):
        data = path.read_bytes()
        for record in json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)["Records"]:
            yield json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def repeated(bodies, count):
    """So many events with these bodies in turn, each round with ids, keys, accounts and addresses of its own."""
    telling = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\bA(?:KIA|SIA|IDA|ROA)[A-Z2-7]{16}\b"
                         r"|\b[0-9]{12}\b|\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b")
    # Addresses and accounts come again in later rounds, keys and ids do not.
    rounds = {"account": 40, "address": 200}

    def renewed(text, turn):
        kind = "address" if text.count(".") == 3 else "account" if text.isdigit() else ""
        salt = turn % rounds[kind] if kind else turn
        digest = hashlib.blake2b(f"{salt} {text}".encode(), digest_size=20).digest()
        if kind == "address":
            return ".".join(str(1 + b % 223) for b in digest[:4])
        if kind == "account":
            return str(10**11 + int.from_bytes(digest[:8], "big") % (9 * 10**11))
        if "-" in text:
            return str(uuid.UUID(bytes=digest[:16]))
        return text[:4] + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[b % 32] for b in digest[:16])

    for i in range(count):
        turn, place = divmod(i, len(bodies))
        new = {}
        text = bodies[place]
        if turn:
            text = telling.sub(lambda m: new.setdefault(m[0], renewed(m[0], turn)), text)
            second = i * 14 * 86400 // count
            text = re.sub(r'("eventTime":"20\d\d-\d\d-)\d\dT\d\d:\d\d:\d\d',
                          lambda m: f"{m[1]}{1 + second // 86400:02}T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}", text)
        yield text


def packed(folder, records, per_file):
    """A folder of gzip files with so many records each. Made once."""
    if (folder / "made").exists():
        return folder / "logs"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "logs").mkdir(parents=True)
    part = []
    number = 0

    def write():
        text = '{"Records":[' + ",".join(part) + "]}"
        (folder / "logs" / f"{number:06}.json.gz").write_bytes(gzip.compress(text.encode(), 6))

    for record in records:
        part.append(record)
        if len(part) == per_file:
            write()
            number, part = number + 1, []
    if part:
        write()
    (folder / "made").touch()
    return folder / "logs"


# What is taken into memory, and the ways of bench/read_json.cpp that do it; the quickest counts.
READ_JSON = {"every field a column": (1,), "records as JSON": (0,), "a dozen fields": (2, 3)}


def best_read_json(args, folder, ways):
    """Events a second."""
    asked = [json.loads(run([args.build / "bench/bench_read_json", folder, way])[2]) for way in ways for _ in range(args.runs)]
    return max(one["records"] / one["seconds"] for one in asked)


def ingest_stage(args, data, cloudtrail, of_size):
    """Ingest against the engine's own read_json() of the same files into memory, and the lake's size."""
    yagura = args.build / "yagura"
    folders = [("the simulator's", "22", cloudtrail),
               ("the simulator's", "5,000", packed(data / f"large-files{of_size}", records_of(cloudtrail), 5000))]
    if args.real.exists():
        bodies = list(records_of(args.real))
        for name, per_file in FILE_SIZES.items():
            folders.append(("a real incident's, repeated", name,
                            packed(data / f"real-{per_file}{of_size}", repeated(bodies, args.events), per_file)))
    names = " | ".join(f"× read_json, {name}" for name in READ_JSON)
    print(f"| events | a file | ingest, events/s | {names} | lake, B/event | × raw JSON | × gz |\n" + "|---" * (6 + len(READ_JSON)) + "|")
    lake = data / "lake"
    for events_of, per_file, folder in folders:
        floor = json.loads(run([args.build / "bench/bench_floor", folder])[2])
        theirs = [best_read_json(args, folder, ways) for ways in READ_JSON.values()]
        ours = floor["records"] / best(args.runs, [yagura, "ingest", folder, "--lake", lake, "-q", "-j", 1],
                                       lambda: shutil.rmtree(lake, ignore_errors=True))[0]
        run([yagura, "lake", "compact", "--lake", lake, "-q"])
        live = live_bytes(lake)
        ratios = " | ".join(f"{ours / rate:.1f}" for rate in theirs)
        print(f"| {events_of} | {per_file} | {ours:,.0f} | {ratios} | {live / floor['records']:.1f} | "
              f"{live / floor['bytes_inflated']:.3f} | {live / floor['bytes_in']:.2f} |", flush=True)
    print()


def live_bytes(lake):
    """Of the segments the catalogue names, with their side indexes."""
    import sqlite3
    with sqlite3.connect(lake / "catalog.sqlite") as catalog:
        files = [lake / row[0] for row in catalog.execute("SELECT file FROM segments WHERE state = 0")]
    return sum(f.stat().st_size + f.with_suffix(".idx").stat().st_size for f in files)


def machine():
    name = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    memory = int(next(l for l in open("/proc/meminfo")).split()[1]) / 2**20
    return f"{os.cpu_count()} × {name}, {memory:.0f} GiB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lake-events", type=int, default=10_000_000)
    parser.add_argument("--skip-lake", action="store_true")
    parser.add_argument("--skip-detect", action="store_true", help="without bench_detect, which needs a minute")
    parser.add_argument("--only-ingest", action="store_true", help="ingest against read_json and the lake's size, nothing else")
    parser.add_argument("--real", type=pathlib.Path, default=ROOT.parent / "shared/data/cloudtrail/invictus",
                        help="CloudTrail files whose bodies make the second corpus")
    parser.add_argument("--rules", type=pathlib.Path, default=ROOT.parent / "shared/data/rules")
    args = parser.parse_args()
    yagura = args.build / "yagura"
    data = args.build / "bench-data"
    data.mkdir(exist_ok=True)
    of_size = "" if args.events == 500_000 else f"-{args.events}"
    simulate(yagura, data / f"corpus{of_size}", args.events, 1, 14)
    logs = data / f"corpus{of_size}/logs"
    cloudtrail = data / f"cloudtrail{of_size}"
    if not cloudtrail.exists():
        cloudtrail.mkdir()
        for file in logs.rglob("*CloudTrail*.json.gz"):
            os.link(file, cloudtrail / file.name)

    print(f"Machine: {machine()}. Best of {args.runs} runs each, whole processes.\n")
    if args.only_ingest:
        return ingest_stage(args, data, cloudtrail, of_size)
    floors = [json.loads(run([args.build / "bench/bench_floor", cloudtrail])[2]) for _ in range(args.runs)]
    floor = min(floors, key=lambda f: f["seconds"])
    events = floor["records"]
    floor_rate = events / floor["seconds"]
    print(f"Corpus: {events:,} CloudTrail events, {floor['bytes_inflated'] / 1e6:,.0f} MB JSON, "
          f"{floor['bytes_in'] / 1e6:,.0f} MB gz, {floor['bytes_inflated'] / events:,.0f} B and {floor['bytes_in'] / events:,.0f} B an event.\n")
    print("| what | cores | events/s | × floor | peak MiB |\n|---|---|---|---|---|")
    print(f"| floor: inflate + DOM parse | 1 | {floor_rate:,.0f} | 1.00 | |")

    def row(name, cores, result):
        rate = events / result[0]
        print(f"| {name} | {cores} | {rate:,.0f} | {rate / floor_rate:.2f} | {result[1]:,.0f} |", flush=True)
        return rate

    def rows(key, name, command, before=None):
        for cores, result in by_turns(args.runs, command, before).items():
            rates[key, cores] = row(name, cores, result)

    scan = [yagura, "scan", cloudtrail, "-q"]
    rates = {}
    rows("pack", "scan, our rules", scan)
    single = generated_rules(data / "rules-own", len(single_event_rules()))
    alone = scan + ["--no-default-rules"]
    rows("single", "scan, our single-event rules alone, no correlations", alone + ["-r", single])
    row("scan, no rules", 1, best(args.runs, alone + ["-j", 1]))
    # One file costs nothing, so what is left is starting and loading.
    one_file = next(iter(sorted(cloudtrail.iterdir())))
    loading = {}
    for count in (1000, 5000):
        folder = generated_rules(data / f"rules-{count}", count)
        rows(count, f"scan, {count:,} rules made from ours", alone + ["-r", folder])
        loading[count] = best(args.runs, [yagura, "scan", one_file, "-q", "--no-default-rules", "-j", 1, "-r", folder])[0]
    if args.rules.exists():
        public = ["-r", args.rules / "sigma", "-r", args.rules / "suzaku"]
        rows("all", "scan, our rules and all of shared/data/rules", scan + public)
        row("the same, every match written as JSON lines", 1,
            best(args.runs, scan + ["-j", 1, "-f", "jsonl", "-o", "/dev/null"] + public))
    lake = data / "lake"
    forget = lambda: shutil.rmtree(lake, ignore_errors=True)
    rows("ingest", "ingest into a new lake", [yagura, "ingest", cloudtrail, "--lake", lake, "-q"], forget)
    print()
    for what in ("pack", "single", 1000, 5000, "all", "ingest"):
        if (what, 2) in rates:
            print(f"Two cores against one, {what}: {rates[what, 2] / rates[what, 1]:.2f} ×.")
    print(f"5,000 rules against 1,000, one core, loading included: {rates[1000, 1] / rates[5000, 1]:.2f} × the time.")
    passing = {count: events / rates[count, 1] - loading[count] for count in loading}
    print(f"The same once they are loaded ({loading[1000]:.2f} s and {loading[5000]:.2f} s with starting): {passing[5000] / passing[1000]:.2f} ×.")
    # Not compacted: replaced segments stay on disk for their readers' grace period and would count twice.
    parquet = folder_bytes(lake / "cloudtrail", ".parquet")
    index = folder_bytes(lake / "cloudtrail", ".idx")
    whole = parquet + index
    print(f"Lake: {parquet / events:.1f} B an event in segments and {index / events:.1f} B in the side index; "
          f"{whole / floor['bytes_inflated']:.3f} × raw JSON, {whole / floor['bytes_in']:.2f} × gz.\n")
    ingest_stage(args, data, cloudtrail, of_size)
    stage_shares(alone + ["-j", 1, "-r", data / "rules-1000"])
    rule_stage(args, data, cloudtrail)
    if not args.skip_lake:
        big_lake(yagura, data, args)


def rule_stage(args, data, cloudtrail):
    """Loading, matching alone, and correlations alone: what no whole process shows."""
    folder = generated_rules(data / "rules-4000", 4000)
    yagura = args.build / "yagura"
    print("Loading and compiling 4,000 rules, then matching the samples of the log type (`yagura rules bench`), one thread:\n\n```")
    print(best(args.runs, [yagura, "-j", 1, "rules", "bench", folder])[2].decode().rstrip() + "\n```\n")
    google = {"bench_match": "match_folder"}
    corpus = {"YAGURA_BENCH_EVENTS": str(cloudtrail),
              "YAGURA_BENCH_RULES": ":".join(str(data / name) for name in ("rules-own", "rules-1000", "rules-5000"))}
    if not args.skip_detect:
        google["bench_detect"] = "."
    for program, which in google.items():
        path = args.build / "bench" / program
        if not path.exists():
            continue
        _, _, text = run([path, f"--benchmark_filter={which}", "--benchmark_format=json"], cwd=ROOT, env=os.environ | corpus)
        print(f"| {program} | figures |\n|---|---|")
        for one in json.loads(text)["benchmarks"]:
            print(f"| {one['name']} | {', '.join(figures(one))} |")
        print(flush=True)


STAGES = {"inflating": "decode::GzipInflater::inflate", "structural index": "event::JsonDocument::index", "walk": "event::walk_record",
          "matching": "match::Evaluator::match", "collecting matches": "finding::HitCollector::add", "loading rules": "rule::load_rules"}


def stage_shares(command):
    """Parts of the processor's cycles that stages of a scan take, as `perf` samples them; nothing where it cannot."""
    if not shutil.which("perf"):
        return print("perf is not installed: no shares of the stages.\n")
    with tempfile.NamedTemporaryFile() as samples:
        record = ["perf", "record", "-q", "-e", "cycles", "-F", "997", "--call-graph", "dwarf,8192", "-o", samples.name]
        if subprocess.run(record + [str(word) for word in command], capture_output=True).returncode not in (0, 3):
            return print("perf may not sample here: no shares of the stages.\n")
        text = subprocess.run(["perf", "report", "-i", samples.name, "--children", "--no-inline", "-g", "none", "-F", "overhead_children,sym"],
                              capture_output=True, text=True).stdout
    shares = {name: max((float(line.split("%")[0]) for line in text.splitlines() if f"yagura::{symbol}" in line), default=0.0)
              for name, symbol in STAGES.items()}
    print("Of the cycles of a scan with 1,000 rules, one core: " + ", ".join(f"{name} {share:.1f} %" for name, share in shares.items()) + ".\n")


def figures(one):
    if "items_per_second" in one:
        yield f"{one['items_per_second'] / 1e6:.2f} million updates/s"
    if "groups" in one:
        yield f"{one['groups']:,.0f} groups alive in {one['MiB']:,.0f} MiB"
    if "matching" in one:
        yield f"matching {one['matching'] * 1e6:.3f} µs an event with {one['rules']:,.0f} rules, behind a walk of {one['walk'] * 1e6:.3f} µs"


def big_lake(yagura, data, args):
    """Queries over a big lake, built once; milliseconds are the program's own, without process start."""
    lake = data / "big-lake"
    if not (lake / "built").exists():
        shutil.rmtree(lake, ignore_errors=True)
        part = 1_000_000
        for i in range(max(1, args.lake_events // part)):
            folder = data / "part"
            shutil.rmtree(folder, ignore_errors=True)
            simulate(yagura, folder, part, 100 + i, 14)
            run([yagura, "ingest", folder / "logs", "--lake", lake, "-q", "--no-correlations"])
        shutil.rmtree(data / "part", ignore_errors=True)
        seconds, peak, _ = run([yagura, "lake", "compact", "--lake", lake, "-q"])
        (lake / "built").write_text(f"compacted in {seconds:.0f} s, peak {peak:.0f} MiB")
    print(f"\nThe big lake: {(lake / 'built').read_text()}.")
    # Needles that exist: the values of one middling event.
    _, _, text = run([yagura, "query", "--lake", lake, "--type", "cloudtrail", "-f", "jsonl",
                      "fields sourceIPAddress, userIdentity.accessKeyId, eventID, userIdentity.arn | filter ispresent(userIdentity.accessKeyId) | limit 1"])
    event = json.loads(text.splitlines()[0])
    ip, key, identifier = event["sourceIPAddress"], event["userIdentity.accessKeyId"], event["eventID"]
    print("\n| query over the big lake | ms (best of %d) |\n|---|---|" % args.runs)
    questions = [
        ("count of all events", "stats count(*)"),
        ("an address", f'filter sourceIPAddress = "{ip}" | fields @timestamp, eventName | limit 20'),
        ("an access key", f'filter userIdentity.accessKeyId = "{key}" | fields @timestamp, eventName | limit 20'),
        ("an event id", f'filter eventID = "{identifier}" | fields @timestamp, eventName'),
        ("an address that never occurs", 'filter sourceIPAddress = "192.0.2.254" | fields @timestamp'),
        ("the same anywhere in any log (find)", ""),
        ("top 20 event names, one day", "stats count(*) as n by eventName | sort n desc | limit 20"),
        ("latest 100 events", "fields @timestamp, eventName | sort @timestamp desc | limit 100"),
    ]
    for name, query in questions:
        command = [yagura, "query", "--lake", lake, "--type", "cloudtrail", query]
        if not query:
            command = [yagura, "find", "--lake", lake, "192.0.2.254"]
        if "one day" in name:
            command += ["--from", "2026-03-05", "--to", "2026-03-06"]
        times = []
        for _ in range(args.runs + 1):
            child = subprocess.run([str(w) for w in command], capture_output=True, text=True)
            times += [float(w) for line in child.stderr.splitlines() for w in [line.rsplit(" ms", 1)[0].split()[-1]] if line.rstrip().endswith(" ms")]
        print(f"| {name} | {min(times):.1f} |" if times else f"| {name} | ? |")


if __name__ == "__main__":
    main()
