// The real program, killed at named points and at random, started again, and compared row by row
// with an undisturbed run.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>

#include "fixture.h"
#include "store/findings.h"
#include "store/verify.h"

using namespace yagura;
using namespace yagura::store;

namespace {

// Starts `yagura arguments…`; with a failpoint, or killed after `kill_after`. Returns the exit
// code, or 128 + signal.
int run(const std::vector<std::string>& arguments,
        const std::string& failpoint = "",
        std::chrono::microseconds kill_after = std::chrono::microseconds(0)) {
    const pid_t child = fork();
    if (child == 0) {
        const int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, 1);
        dup2(nothing, 2);
        if (!failpoint.empty()) setenv("YAGURA_FAILPOINT", failpoint.c_str(), 1);
        std::vector<char*> words{const_cast<char*>(YAGURA_PROGRAM)};
        for (const std::string& argument : arguments)
            words.push_back(const_cast<char*>(argument.c_str()));
        words.push_back(nullptr);
        execv(YAGURA_PROGRAM, words.data());
        _exit(127);
    }
    if (kill_after.count() > 0) {
        std::this_thread::sleep_for(kill_after);
        kill(child, SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool has_program() {
    if (std::filesystem::exists(YAGURA_PROGRAM)) return true;
    MESSAGE("the program is not built: skipped");
    return false;
}

// A rule that one CloudTrail record in seven meets, so that there are findings to lose; and two
// over several events, of which one decides by windows and one by what was ever seen.
void write_rule(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "user3.yml") << R"(title: User 3 reads
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d11
name: user3_reads
status: test
level: medium
logsource: {product: aws, service: cloudtrail}
detection:
    selection: {userIdentity.userName: user3}
    condition: selection
)";
    std::ofstream(folder / "often.yml") << R"(title: User 3 reads often
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d12
status: test
level: high
correlation:
    type: event_count
    rules: [user3_reads]
    group-by: [requestParameters.bucketName]
    timespan: 8m
    condition: {gte: 4}
    generate: true
)";
    std::ofstream(folder / "new.yml") << R"(title: User 3 comes from a new address
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d13
status: test
level: low
logsource: {product: aws, service: cloudtrail}
detection:
    selection: {userIdentity.userName: user3}
    condition: selection
x-yagura:
    first_seen:
        fields: [sourceIPAddress]
        history: 30d
        learning: 1d
)";
}

// Objects of several days; the flow log has no ids, so only the ledger keeps its rows from
// doubling.
void write_logs(const std::filesystem::path& folder, int objects, uint64_t each) {
    std::filesystem::create_directories(folder);
    write_rule(folder.parent_path() / "rules");
    for (int i = 0; i < objects; ++i) {
        std::ofstream file(folder / fmt::format("{:03}.json", i));
        for (uint64_t j = 0; j < each; ++j) {
            const uint64_t number = static_cast<uint64_t>(i) * each + j;
            file << cloudtrail_record(number, fmt::format("2024-07-{:02}", 28 + number % 4))
                 << "\n";
        }
    }
    std::ofstream flow(folder / "flow.log");
    flow << "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
            "bytes start end action log-status\n";
    for (uint64_t j = 0; j < each * 20; ++j) {
        flow << fmt::format(
            "2 123456789012 eni-0a 10.0.{}.{} 10.1.0.1 {} 443 6 {} {} {} {} ACCEPT OK\n",
            j / 250 % 250,
            j % 250,
            1024 + j % 60000,
            j % 9,
            j * 3,
            1722384000 + j % 90000,
            1722384060 + j % 90000);
    }
}

std::vector<std::string> ingest_of(const std::filesystem::path& logs,
                                   const std::filesystem::path& lake) {
    return {"ingest",
            logs.string(),
            "--lake",
            lake.string(),
            "--no-default-rules",
            "-r",
            (logs.parent_path() / "rules").string(),
            "--memory",
            "1",
            "-j",
            "2",
            "-q"};
}

std::string findings_of(Lake& lake) {
    std::string all;
    uint64_t count = 0;
    for (const RankedFinding& ranked : rank(must(lake.catalog().findings()))) {
        const KeptFinding& f = ranked.finding;
        all += fmt::format("{} {} {} {} {} {} {} {} {}\n",
                           f.rule_id,
                           f.account,
                           f.principal,
                           f.source_ip,
                           f.count,
                           f.failed,
                           to_micros(f.first),
                           to_micros(f.last),
                           ranked.score);
        for (const FindingSample& sample : f.samples)
            all += fmt::format("  {} {} {}\n", sample.event_id, sample.object, sample.ordinal);
        count += f.count;
    }
    return fmt::format("findings of {} events: {:x}", count, hash64(all));
}

// All rows but for the number their object got, and all findings, in a fixed order.
std::string digest(const std::filesystem::path& folder) {
    auto lake = must(Lake::open(folder));
    std::string out;
    const std::pair<const char*, const char*> asked[] = {
        {"cloudtrail",
         "concat_ws('|', event_time, event_id, source_ip, request_parameters, access_key_id, "
         "extra)"},
        {"vpc_flow",
         "concat_ws('|', event_time, source_ip, source_port, packets, bytes, start_time, ordinal, "
         "extra)"}};
    for (const auto& [type, row] : asked) {
        const auto rows = ask(
            lake, type, fmt::format("count(*), md5(string_agg({0}, chr(10) ORDER BY {0}))", row));
        out += fmt::format("{} {} {}; ",
                           type,
                           std::get<int64_t>(rows[0][0]),
                           sql::is_null(rows[0][1]) ? "" : std::get<std::string>(rows[0][1]));
    }
    return out + findings_of(lake);
}

// The copies a lake keeps, by name and content.
std::string kept_copies(const std::filesystem::path& lake) {
    std::set<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(lake / "objects")) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(file), {});
        all.insert(entry.path().filename().string() + " " + to_hex(sha256(bytes)));
    }
    return fmt::format("{} copies: {}", all.size(), fmt::join(all, "; "));
}

}  // namespace

TEST_CASE("killed anywhere and started again, ingest loses nothing and doubles nothing") {
    if (!has_program()) return;
    Folder folder;
    write_logs(folder / "logs", 12, 700);
    REQUIRE(run(ingest_of(folder / "logs", folder / "calm")) == 0);
    const std::string wanted = digest(folder / "calm");
    REQUIRE(wanted.find("cloudtrail 8400 ") != std::string::npos);
    REQUIRE(wanted.find("vpc_flow 14000 ") != std::string::npos);
    // 1,200 matches, 20 bursts (five buckets on four days) and 899 addresses after the learning.
    REQUIRE(wanted.find("findings of 2119 events") != std::string::npos);
    const char* points[] = {"before_segment_write:1",
                            "before_segment_write:9",
                            "mid_segment:3",
                            "after_segment_rename:2",
                            "after_segment_rename:12",
                            "before_catalog_commit:1",
                            "before_catalog_commit:2",
                            "before_catalog_commit:4",
                            "after_catalog_commit:1",
                            "after_catalog_commit:2",
                            "after_catalog_commit:5",
                            "before_decision:1",
                            "after_decision:1"};
    int killed = 0;
    for (const std::string point : points) {
        const auto lake = folder / "lake";
        std::filesystem::remove_all(lake);
        const int code = run(ingest_of(folder / "logs", lake), point);
        killed += code == 128 + SIGKILL;
        CHECK_MESSAGE((code == 0 || code == 128 + SIGKILL), point << " gave " << code);
        REQUIRE(run(ingest_of(folder / "logs", lake)) == 0);
        CHECK_MESSAGE(digest(lake) == wanted, point);
        const auto report = must(verify(lake));
        CHECK(report.problems.empty());
        CHECK(report.orphans.empty());
    }
    CHECK(killed >= 11);
}

TEST_CASE("killed around its decision, a group that never rests is told once all the same") {
    if (!has_program()) return;
    Folder folder;
    write_rule(folder / "rules");
    std::filesystem::create_directories(folder / "logs");
    // Much in the first minutes and in the last, and never a pause of eight minutes in between.
    std::vector<int> minutes = {0, 1, 2, 3};
    for (int minute = 4; minute < 180; minute += minute < 170 ? 6 : 1) minutes.push_back(minute);
    const size_t files = 4;
    for (size_t file = 0; file < files; ++file) {
        std::ofstream log(folder / fmt::format("logs/{}.json", file));
        for (size_t i = file * minutes.size() / files; i < (file + 1) * minutes.size() / files; ++i)
            log << fmt::format(
                R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"user3"}},)"
                R"("eventTime":"2024-07-30T{:02}:{:02}:00Z","eventSource":"s3.amazonaws.com",)"
                R"("eventName":"GetObject","requestParameters":{{"bucketName":"b"}},)"
                R"("eventID":"e-{}","recipientAccountId":"111122223333"}})"
                "\n",
                minutes[i] / 60,
                minutes[i] % 60,
                i);
    }
    const auto told_often = [](const std::filesystem::path& lake) {
        uint64_t count = 0;
        for (const KeptFinding& finding : must(must(Lake::open(lake)).catalog().findings()))
            count += finding.title == "User 3 reads often" ? finding.count : 0;
        return count;
    };
    REQUIRE(run(ingest_of(folder / "logs", folder / "calm")) == 0);
    const std::string wanted = digest(folder / "calm");
    REQUIRE(told_often(folder / "calm") == 1);
    for (const std::string point : {"before_catalog_commit:1",
                                    "after_catalog_commit:1",
                                    "before_decision:1",
                                    "after_decision:1"}) {
        const auto lake = folder / "lake";
        std::filesystem::remove_all(lake);
        for (size_t file = 0; file < files; ++file) {
            auto arguments = ingest_of(folder / "logs", lake);
            arguments[1] = (folder / fmt::format("logs/{}.json", file)).string();
            CHECK(run(arguments, point) == 128 + SIGKILL);
            REQUIRE(run(arguments) == 0);
        }
        CHECK_MESSAGE(told_often(lake) == 1, point);
        CHECK_MESSAGE(digest(lake) == wanted, point);
    }
}

TEST_CASE("killed at random moments, many times over, the lake ends as an undisturbed one") {
    if (!has_program()) return;
    Folder folder;
    write_logs(folder / "logs", 8, 500);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(run(ingest_of(folder / "logs", folder / "calm")) == 0);
    const auto calm = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    const std::string wanted = digest(folder / "calm");
    std::mt19937_64 random(2024);
    for (int round = 0; round < 4; ++round) {
        const auto lake = folder / fmt::format("lake{}", round);
        for (int i = 0; i < 4; ++i) {
            run(ingest_of(folder / "logs", lake),
                "",
                std::chrono::microseconds(1 + random() % static_cast<uint64_t>(calm.count())));
        }
        REQUIRE(run(ingest_of(folder / "logs", lake)) == 0);
        CHECK(digest(lake) == wanted);
        CHECK(must(verify(lake)).problems.empty());
    }
}

TEST_CASE("killed while it keeps the originals too, ingest ends with all rows and all originals") {
    if (!has_program()) return;
    Folder folder;
    write_logs(folder / "logs", 8, 500);
    // Half of the objects were delivered twice.
    std::filesystem::create_directories(folder / "logs/again");
    for (int i = 0; i < 4; ++i) {
        const std::string name = fmt::format("{:03}.json", i);
        std::filesystem::copy_file(folder / "logs" / name, folder / "logs/again" / name);
    }
    const auto ingest = [&](const std::filesystem::path& lake) {
        auto arguments = ingest_of(folder / "logs", lake);
        arguments.emplace_back("--keep-raw");
        return arguments;
    };
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(run(ingest(folder / "calm")) == 0);
    const auto calm = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    const std::string wanted = digest(folder / "calm") + kept_copies(folder / "calm");
    REQUIRE(wanted.find("9 copies") != std::string::npos);
    std::mt19937_64 random(7);
    const auto lake = folder / "lake";
    for (const std::string point : {"mid_object_copy:1",
                                    "mid_object_copy:5",
                                    "after_object_copy:3",
                                    "before_segment_write:2",
                                    "mid_segment:3",
                                    "after_catalog_commit:1",
                                    "",
                                    "",
                                    "",
                                    ""}) {
        std::filesystem::remove_all(lake);
        const auto moment = 1 + random() % static_cast<uint64_t>(calm.count());
        const int code = point.empty() ? run(ingest(lake), "", std::chrono::microseconds(moment))
                                       : run(ingest(lake), point);
        CHECK((point.empty() || code == 128 + SIGKILL));
        REQUIRE(run(ingest(lake)) == 0);
        CHECK_MESSAGE(digest(lake) + kept_copies(lake) == wanted, point);
        const auto report = must(verify(lake));
        CHECK(report.problems.empty());
        CHECK(report.orphans.empty());
    }
}

TEST_CASE("killed while compacting, the lake keeps its rows") {
    if (!has_program()) return;
    Folder folder;
    write_logs(folder / "logs", 6, 700);
    REQUIRE(run(ingest_of(folder / "logs", folder / "lake")) == 0);
    const std::string wanted = digest(folder / "lake");
    for (const char* point : {"mid_compaction:1",
                              "mid_segment:2",
                              "after_segment_rename:1",
                              "before_compaction_commit:2",
                              "after_compaction_commit:1",
                              "before_catalog_commit:1"}) {
        run({"lake", "compact", "--lake", (folder / "lake").string(), "-q"}, point);
        CHECK_MESSAGE(digest(folder / "lake") == wanted, point);
    }
    REQUIRE(run({"lake", "compact", "--lake", (folder / "lake").string(), "-q"}) == 0);
    CHECK(digest(folder / "lake") == wanted);
    CHECK(must(verify(folder / "lake")).problems.empty());
}

TEST_CASE("a full disk stops ingest with a message, and it goes on when there is room") {
    if (!has_program()) return;
    Folder folder;
    const auto disk = folder / "disk";
    std::filesystem::create_directories(disk);
    const std::string mount =
        "mount -t tmpfs -o size=700k tmpfs '" + disk.string() + "' 2>/dev/null";
    if (geteuid() != 0 || std::system(mount.c_str()) != 0) {
        MESSAGE("no small disk can be made here: skipped");
        return;
    }
    write_logs(folder / "logs", 10, 700);
    CHECK(run(ingest_of(folder / "logs", disk / "lake")) == 1);
    const std::string grow = "mount -o remount,size=64m '" + disk.string() + "'";
    REQUIRE(std::system(grow.c_str()) == 0);
    CHECK(run(ingest_of(folder / "logs", disk / "lake")) == 0);
    REQUIRE(run(ingest_of(folder / "logs", folder / "calm")) == 0);
    CHECK(digest(disk / "lake") == digest(folder / "calm"));
    CHECK(must(verify(disk / "lake")).problems.empty());
    REQUIRE(std::system(("umount '" + disk.string() + "'").c_str()) == 0);
}

TEST_CASE("a disk without room for a decision leaves it to the next ingest") {
    if (!has_program()) return;
    Folder folder;
    const auto disk = folder / "disk";
    std::filesystem::create_directories(disk);
    const auto mount = [&](const std::string& words) {
        return std::system(("mount " + words + " '" + disk.string() + "' 2>/dev/null").c_str());
    };
    if (geteuid() != 0 || mount("-t tmpfs -o size=64m tmpfs") != 0) {
        MESSAGE("no small disk can be made here: skipped");
        return;
    }
    write_logs(folder / "logs", 6, 700);
    const auto ingest = ingest_of(folder / "logs", disk / "lake");
    REQUIRE(run(ingest, "before_decision:1") == 128 + SIGKILL);
    const auto space = std::filesystem::space(disk);
    REQUIRE(mount(fmt::format("-o remount,size={}", space.capacity - space.available + 32768)) ==
            0);
    CHECK(run(ingest) == 1);
    {
        auto lake = must(Lake::open(disk / "lake"));
        CHECK(row_count(lake, "cloudtrail") == 4200);
    }
    REQUIRE(mount("-o remount,size=64m") == 0);
    CHECK(run(ingest) == 0);
    REQUIRE(run(ingest_of(folder / "logs", folder / "calm")) == 0);
    CHECK(digest(disk / "lake") == digest(folder / "calm"));
    CHECK(must(verify(disk / "lake")).problems.empty());
    REQUIRE(std::system(("umount '" + disk.string() + "'").c_str()) == 0);
}
