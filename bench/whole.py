#!/usr/bin/env python3
"""The main job measured as a whole process, in one run, as ratios to the floor of the same run.

    bench/whole.py BUILD [--events 500000] [--runs 3] [--lake-events 10000000] [--skip-lake]

BUILD holds yagura and bench_floor. The corpus comes from `yagura simulate` and is kept in BUILD/bench-data.
Prints Markdown: rates are events per second, the best of several runs (other work on a machine only slows
a run down); memory is the process's maximum resident size.
"""
import argparse, json, os, pathlib, resource, shutil, subprocess, sys, tempfile, time


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
    parser.add_argument("--rules", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent.parent / "shared/data/rules")
    args = parser.parse_args()
    yagura = args.build / "yagura"
    data = args.build / "bench-data"
    data.mkdir(exist_ok=True)
    simulate(yagura, data / "corpus", args.events, 1, 14)
    logs = data / "corpus/logs"
    cloudtrail = data / "cloudtrail"
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
    for what in ("pack", "all", "ingest"):
        if (what, 2) in rates:
            print(f"Two cores against one, {what}: {rates[what, 2] / rates[what, 1]:.2f} ×.")
    # Not compacted: replaced segments stay on disk for their readers' grace period and would count twice.
    parquet = folder_bytes(lake / "cloudtrail", ".parquet")
    index = folder_bytes(lake / "cloudtrail", ".idx")
    whole = parquet + index
    print(f"Lake: {parquet / events:.1f} B an event in segments and {index / events:.1f} B in the side index; "
          f"{whole / floor['bytes_inflated']:.3f} × raw JSON, {whole / floor['bytes_in']:.2f} × gz.")
    if not args.skip_lake:
        big_lake(yagura, data, args)


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
            run([yagura, "ingest", folder / "logs", "--lake", lake, "-q"])
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
