// Another program's Parquet reader must see what we wrote: the same values, and only plain types.
#include <cstdio>
#include <cstdlib>
#include <map>

#include "fixture.h"

using namespace yagura;
using namespace yagura::store;

namespace {

// A Python with pyarrow: one made beside the program for the purpose, or the system's; empty when
// there is none.
std::string python_with_pyarrow() {
    const auto folder = std::filesystem::path(YAGURA_PROGRAM).parent_path() / "pyarrow";
    const std::string own = (folder / "bin/python").string();
    const auto works = [](const std::string& python) {
        return std::system(
                   ("'" + python + "' -c 'import pyarrow.parquet' >/dev/null 2>&1").c_str()) == 0;
    };
    if (works(own)) return own;
    if (works("python3")) return "python3";
    const std::string make =
        "python3 -m venv '" + folder.string() + "' >/dev/null 2>&1 && '" + own +
        "' -m pip install -q --disable-pip-version-check pyarrow >/dev/null 2>&1";
    return std::system(make.c_str()) == 0 && works(own) ? own : "";
}

std::string output_of(const std::string& command, int& status) {
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    while (const size_t size = fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, size);
    status = pclose(pipe);
    return out;
}

void fill(const std::filesystem::path& lake) {
    const auto& cloudtrail = *logtype::find("cloudtrail");
    const auto& guardduty = *logtype::find("guardduty");
    auto writer = must(Writer::open(lake, {}));
    auto worker = writer->worker();
    for (int object = 0; object < 3; ++object) {
        auto input = source::Input::of_bytes(std::to_string(object), std::to_string(object));
        must(input.load(SIZE_MAX));
        must(worker->begin(input));
        Records trail(cloudtrail), findings(guardduty);
        for (uint64_t i = 0; i < 500; ++i) {
            const uint64_t number = static_cast<uint64_t>(object) * 500 + i;
            std::string more =
                i % 3 == 0 ? R"(,"errorMessage":"no \"way\" é 日本 \u0000","futureField":[1,2]})"
                           : "";
            if (!more.empty()) more.pop_back();
            event::Event& event = trail.read(
                cloudtrail_record(number, i % 2 ? "2024-07-31" : "2024-08-01", more), i * 2);
            REQUIRE(must(worker->admit(cloudtrail, event)));
            must(worker->append(
                cloudtrail, event, i % 5 ? "" : "rule-1 rule-2", i % 5 ? "" : "medium"));
            event::Event& other = findings.read(
                fmt::format(
                    R"({{"id":"{:032x}","schemaVersion":"2.0","type":"A:B/C","severity":{},"updatedAt":"2024-07-31T00:00:00.{:03}Z","accountId":"1","region":"r"}})",
                    number,
                    number % 100 / 10.0,
                    number % 1000),
                i * 2 + 1);
            REQUIRE(must(worker->admit(guardduty, other)));
            must(worker->append(guardduty, other, "", ""));
        }
        must(worker->end());
    }
    must(worker->finish());
}

// What read_with_pyarrow.py prints, by way of our own engine.
std::map<std::string, std::string> our_digests(Lake& lake, const std::string& name) {
    std::map<std::string, std::string> out;
    const Schema& schema = schema_of(*logtype::find(name));
    for (const ColumnSpec& column : schema.columns()) {
        const std::string quoted = sql::quote_name(column.name);
        const std::string text = column.storage == Storage::time
                                     ? "CAST(epoch_us(" + quoted + ") AS VARCHAR)"
                                     : "CAST(" + quoted + " AS VARCHAR)";
        const auto rows =
            ask(lake,
                name,
                fmt::format("count(*), count(*) - count({0}), md5(string_agg(CASE WHEN {0} IS NULL "
                            "THEN chr(0) ELSE {1} || chr(10) END, '' ORDER BY object_id, ordinal))",
                            quoted,
                            text));
        out[column.name] = fmt::format("{} {} {}",
                                       std::get<int64_t>(rows[0][0]),
                                       std::get<int64_t>(rows[0][1]),
                                       std::get<std::string>(rows[0][2]));
    }
    return out;
}

}  // namespace

TEST_CASE("pyarrow reads every segment with the same values and only plain types") {
    const std::string python = python_with_pyarrow();
    if (python.empty()) {
        MESSAGE("pyarrow cannot be had here: skipped");
        return;
    }
    Folder folder;
    fill(folder / "lake");
    int status = 0;
    const std::string printed =
        output_of("'" + python + "' '" YAGURA_SOURCE_DIR "/test/store/read_with_pyarrow.py' '" +
                      (folder / "lake").string() + "'",
                  status);
    CHECK_MESSAGE(status == 0, printed);
    auto lake = must(Lake::open(folder / "lake"));
    size_t compared = 0;
    for (const char* name : {"cloudtrail", "guardduty"}) {
        for (const auto& [column, digest] : our_digests(lake, name)) {
            const std::string start = fmt::format("{} {} ", name, column);
            const size_t at = printed.find("\n" + start) == std::string::npos
                                  ? printed.find(start)
                                  : printed.find("\n" + start) + 1;
            REQUIRE_MESSAGE(at != std::string::npos, start);
            const std::string line = printed.substr(at, printed.find('\n', at) - at);
            CHECK_MESSAGE(line.ends_with(digest), line << " is not " << digest);
            ++compared;
        }
    }
    CHECK(compared > 60);
}
