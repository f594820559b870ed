#!/usr/bin/env python3
"""The main job measured as a whole process, in one run, as ratios to the floor of the same run.

    bench/whole.py BUILD [--events 500000] [--runs 3] [--lake-events 10000000] [--skip-lake] [--skip-detect]

BUILD holds yagura and bench_floor. The corpus comes from `yagura simulate` and is kept in BUILD/bench-data.
Prints Markdown: rates are events per second, the best of several runs (other work on a machine only slows
a run down); memory is the process's maximum resident size.
"""
import argparse, json, os, pathlib, re, shutil, subprocess, sys, tempfile, time, uuid

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

    scan = [yagura, "scan", cloudtrail, "-q"]
    rates = {}
    for cores in (1, 2):
        rates["pack", cores] = row("scan, our rules", cores, best(args.runs, scan + ["-j", cores]))
    single = generated_rules(data / "rules-own", len(single_event_rules()))
    alone = scan + ["--no-default-rules"]
    for cores in (1, 2):
        rates["single", cores] = row("scan, our single-event rules alone, no correlations", cores,
                                     best(args.runs, alone + ["-j", cores, "-r", single]))
    row("scan, no rules", 1, best(args.runs, alone + ["-j", 1]))
    for count in (1000, 5000):
        folder = generated_rules(data / f"rules-{count}", count)
        for cores in (1, 2):
            rates[count, cores] = row(f"scan, {count:,} rules made from ours", cores,
                                      best(args.runs, alone + ["-j", cores, "-r", folder]))
    if args.rules.exists():
        for cores in (1, 2):
            rates["all", cores] = row("scan, our rules and all of shared/data/rules", cores,
                                      best(args.runs, scan + ["-j", cores, "-r", args.rules / "sigma", "-r", args.rules / "suzaku"]))
        row("the same, every match written as JSON lines", 1,
            best(args.runs, scan + ["-j", 1, "-f", "jsonl", "-o", "/dev/null", "-r", args.rules / "sigma", "-r", args.rules / "suzaku"]))
    lake = data / "lake"
    forget = lambda: shutil.rmtree(lake, ignore_errors=True)
    for cores in (1, 2):
        rates["ingest", cores] = row("ingest into a new lake", cores,
                                     best(args.runs, [yagura, "ingest", cloudtrail, "--lake", lake, "-q", "-j", cores], forget))
    print()
    for what in ("pack", "single", 1000, 5000, "all", "ingest"):
        if (what, 2) in rates:
            print(f"Two cores against one, {what}: {rates[what, 2] / rates[what, 1]:.2f} ×.")
    print(f"5,000 rules against 1,000, one core, loading included: {rates[1000, 1] / rates[5000, 1]:.2f} × the time.")
    # Not compacted: replaced segments stay on disk for their readers' grace period and would count twice.
    parquet = folder_bytes(lake / "cloudtrail", ".parquet")
    index = folder_bytes(lake / "cloudtrail", ".idx")
    whole = parquet + index
    print(f"Lake: {parquet / events:.1f} B an event in segments and {index / events:.1f} B in the side index; "
          f"{whole / floor['bytes_inflated']:.3f} × raw JSON, {whole / floor['bytes_in']:.2f} × gz.\n")
    rule_stage(args, data)
    if not args.skip_lake:
        big_lake(yagura, data, args)


def rule_stage(args, data):
    """Loading, matching alone, and correlations alone: what no whole process shows."""
    folder = generated_rules(data / "rules-4000", 4000)
    yagura = args.build / "yagura"
    print("Loading and compiling 4,000 rules, then matching the samples of the log type (`yagura rules bench`), one thread:\n\n```")
    print(best(args.runs, [yagura, "-j", 1, "rules", "bench", folder])[2].decode().rstrip() + "\n```\n")
    google = {"bench_match": "walk_only|match_generated_rules|match_own_rules"}
    if not args.skip_detect:
        google["bench_detect"] = "."
    for program, which in google.items():
        path = args.build / "bench" / program
        if not path.exists():
            continue
        _, _, text = run([path, f"--benchmark_filter={which}", "--benchmark_format=json"], cwd=ROOT)
        print(f"| {program} | figures |\n|---|---|")
        for one in json.loads(text)["benchmarks"]:
            print(f"| {one['name']} | {', '.join(figures(one))} |")
        print(flush=True)


def figures(one):
    if "items_per_second" in one:
        yield f"{one['items_per_second'] / 1e6:.2f} million updates/s"
    if "groups" in one:
        yield f"{one['groups']:,.0f} groups alive in {one['MiB']:,.0f} MiB"
    if "time/event" in one:
        yield f"{one['time/event'] * 1e6:.3f} µs an event with {one['rules']:,.0f} rules"


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
        run([yagura, "lake", "compact", "--lake", lake, "-q"])
        (lake / "built").touch()
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
        ("top 20 event names, one day", "stats count(*) as n by eventName | sort n desc | limit 20"),
        ("latest 100 events", "fields @timestamp, eventName | sort @timestamp desc | limit 100"),
    ]
    for name, query in questions:
        command = [yagura, "query", "--lake", lake, "--type", "cloudtrail", query]
        if "one day" in name:
            command += ["--from", "2026-03-05", "--to", "2026-03-06"]
        times = []
        for _ in range(args.runs + 1):
            child = subprocess.run([str(w) for w in command], capture_output=True, text=True)
            times += [float(w) for line in child.stderr.splitlines() for w in [line.rsplit(" ms", 1)[0].split()[-1]] if line.rstrip().endswith(" ms")]
        print(f"| {name} | {min(times):.1f} |" if times else f"| {name} | ? |")


if __name__ == "__main__":
    main()
