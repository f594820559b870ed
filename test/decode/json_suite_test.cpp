// JSONTestSuite (Nicolas Seriot, MIT): 318 files, each named by what a parser shall say to it.
// The suite is not part of this project; the test says so when it is not there.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "decode/collect.h"
#include "event/plan.h"

namespace yagura::decode {
namespace {

namespace fs = std::filesystem;

fs::path suite_folder() {
    const char* shared = std::getenv("YAGURA_SHARED");
    const fs::path root = shared ? fs::path(shared) : fs::path(YAGURA_SOURCE_DIR) / ".." / "shared";
    return root / "data" / "json" / "JSONTestSuite" / "test_parsing";
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

// Text that no log type knows is quarantined line by line.
Collector collect_strictly(std::string_view bytes) {
    Collector sink;
    sink.refuse_lines = true;
    RecordReader reader;
    auto input = source::Input::of_bytes(bytes, "object");
    (void)reader.read(input, sink).value();
    return sink;
}

std::vector<fs::path> files_starting(const std::string& prefix) {
    std::vector<fs::path> out;
    if (!fs::exists(suite_folder())) {
        MESSAGE("JSONTestSuite is not here (", suite_folder().string(), "); skipped");
        return out;
    }
    for (const auto& entry : fs::directory_iterator(suite_folder())) {
        if (entry.path().filename().string().starts_with(prefix)) out.push_back(entry.path());
    }
    REQUIRE(!out.empty());
    return out;
}

TEST_CASE("JSON that every parser must accept is no syntax fault") {
    for (const fs::path& file : files_starting("y_")) {
        CAPTURE(file.filename().string());
        const Collector sink = collect_strictly(contents(file));
        for (const std::string& fault : sink.faults()) CHECK(fault == "not_a_record");
    }
}

TEST_CASE("JSON that every parser must reject is quarantined") {
    // Values one after another are a shape of logs: here two, the second of which is no record.
    const std::set<std::string> concatenated{"n_structure_double_array.json",
                                             "n_structure_object_with_trailing_garbage.json"};
    for (const fs::path& file : files_starting("n_")) {
        const std::string name = file.filename().string();
        CAPTURE(name);
        if (concatenated.contains(name)) continue;
        const Collector sink = collect_strictly(contents(file));
        const auto faults = sink.faults();
        CHECK(std::any_of(faults.begin(), faults.end(), [](const std::string& fault) {
            return fault != "not_a_record";
        }));
        // A good value in front of the mistake is still a record.
        for (const std::string& record : sink.records()) {
            CHECK(collect_strictly(record).faults() == Texts{});
        }
    }
}

// A value alone in an array is no record, so the flag is looked for with the value inside of one.
struct FlagSink : Collector {
    static const event::Dictionary& dictionary() {
        static constexpr event::Field kFields[] = {{"v", "v"}};
        static const event::Dictionary kDictionary(kFields);
        return kDictionary;
    }
    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const RecordOrigin& origin) override {
        event::FieldPlan plan(dictionary());
        plan.freeze();
        event::Event event;
        event.reset(plan);
        if (auto fault = walk_record(document, at, event)) return fault;
        ++count;
        repaired = repaired || origin.repaired || (event.oddities & event::kRepaired) != 0;
        return std::nullopt;
    }
    int count = 0;
    bool repaired = false;
};

TEST_CASE("JSON that parsers differ about is accepted, and flagged as mended") {
    for (const fs::path& file : files_starting("i_")) {
        const std::string name = file.filename().string();
        CAPTURE(name);
        const bool too_deep = name == "i_structure_500_nested_arrays.json";
        std::string text = contents(file);
        const Collector alone = collect_strictly(text);
        for (const std::string& fault : alone.faults()) {
            CHECK(fault == (too_deep ? "too_deep" : "not_a_record"));
        }
        const bool is_array = text.starts_with('[');
        if (too_deep || (is_array && text.find('\0') != std::string::npos)) continue;
        if (is_array) text = R"({"v":)" + text + "}";
        if (text.find('\0') != std::string::npos) continue;  // UTF-16: seen above
        FlagSink sink;
        RecordReader reader;
        auto input = source::Input::of_bytes(text, "object");
        (void)reader.read(input, sink).value();
        CHECK(sink.count == 1);
        CHECK(sink.repaired);
        CHECK(sink.faults() == Texts{});
    }
}

}  // namespace
}  // namespace yagura::decode
