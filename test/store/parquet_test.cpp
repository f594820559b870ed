#include "store/parquet.h"

#include <fstream>
#include <map>
#include <random>

#include "fixture.h"

using namespace yagura;
using namespace yagura::store;

namespace {

std::string write_rows(const RowBuffer& rows, const std::filesystem::path& path) {
    auto file = must(NewFile::create(path));
    must(write_parquet(rows, rows.time_order(), file));
    must(file.publish());
    return path.string();
}

sql::Connection engine_for(const std::filesystem::path& folder) {
    auto database = must(sql::Database::open({.threads = 1, .allowed_directories = {folder}}));
    return must(database.connect());
}

// Values of every shape an encoding can stumble over: constant, rare, distinct, huge, absent.
std::string odd_record(uint64_t i, std::mt19937_64& random) {
    std::string more = fmt::format(R"(,"packets":{})", i);
    if (i % 3 == 0) more += R"(,"errorCode":"AccessDenied")";
    if (i % 5 == 0)
        more += fmt::format(R"(,"errorMessage":"{}")",
                            std::string(random() % 50, 'x') + std::to_string(random()));
    if (i % 7 == 0) more += fmt::format(R"(,"sharedEventID":"{}")", uuid_of(random() % 1000));
    if (i % 1000 == 1)
        more += fmt::format(R"(,"additionalEventData":{{"blob":"{}"}})", std::string(200'000, 'y'));
    if (i % 11 == 0) more += R"(,"responseElements":null)";
    return cloudtrail_record(i, i % 2 ? "2024-07-31" : "2024-07-30", more);
}

}  // namespace

TEST_CASE("the engine reads what we wrote, over several row groups and all encodings") {
    Folder folder;
    const auto& type = *logtype::find("cloudtrail");
    RowBuffer rows(schema_of(type));
    Records reader(type);
    std::mt19937_64 random(1);
    constexpr uint64_t kRows = kRowGroupRows + 5000;
    uint64_t errors = 0, shared = 0, messages = 0;
    for (uint64_t i = 0; i < kRows; ++i) {
        event::Event& event = reader.read(odd_record(i, random), i);
        errors += i % 3 == 0;
        messages += i % 5 == 0;
        shared += i % 7 == 0;
        rows.append(event,
                    {static_cast<int64_t>(i % 3),
                     i % 4 == 0 ? "rule-a rule-b" : "",
                     i % 4 == 0 ? "high" : ""});
    }
    const std::string path = write_rows(rows, folder / "a.parquet");
    auto engine = engine_for(folder.path());
    const auto ask = [&](const std::string& select) {
        auto result = must(engine.query("SELECT " + select + " FROM read_parquet(" +
                                        sql::quote_literal(path) + ")"));
        return must(result.all())[0];
    };
    const auto counts =
        ask("count(*), count(error_code), count(error_message), count(shared_event_id), "
            "count(detections), "
            "count(response_elements), sum(ordinal), count(DISTINCT event_id), "
            "max(length(additional_event_data))");
    CHECK(counts[0] == sql::Value(static_cast<int64_t>(kRows)));
    CHECK(counts[1] == sql::Value(static_cast<int64_t>(errors)));
    CHECK(counts[2] == sql::Value(static_cast<int64_t>(messages)));
    CHECK(counts[3] == sql::Value(static_cast<int64_t>(shared)));
    CHECK(counts[4] == sql::Value(static_cast<int64_t>((kRows + 3) / 4)));
    CHECK(counts[5] == sql::Value(int64_t{0}));
    CHECK(counts[6] == sql::Value(static_cast<int64_t>(kRows * (kRows - 1) / 2)));
    CHECK(counts[7] == sql::Value(static_cast<int64_t>(kRows)));
    CHECK(std::get<int64_t>(counts[8]) > 200'000);
    // Row by row, against the buffer.
    auto result =
        must(engine.query("SELECT * FROM read_parquet(" + sql::quote_literal(path) + ")"));
    const auto order = rows.time_order();
    const auto columns = rows.schema().columns();
    size_t row = 0, wrong = 0;
    while (must(result.next())) {
        for (size_t r = 0; r < result.size(); ++r, ++row) {
            for (size_t c = 0; c < columns.size(); ++c) {
                const sql::ColumnView& cell = result.column(c);
                if (columns[c].storage == Storage::text) {
                    const uint32_t code = rows.text(c).codes()[order[row]];
                    wrong += code == TextColumn::kNull
                                 ? !cell.is_null(r)
                                 : cell.is_null(r) || cell.text(r) != rows.text(c).entry(code);
                } else if (columns[c].storage == Storage::uuid) {
                    const bool null = rows.fixed(c).is_null(order[row]);
                    wrong += null != cell.is_null(r) ||
                             (!null && !(cell.uuid(r) == rows.fixed(c).wide_value(order[row])));
                } else {
                    const bool null = rows.fixed(c).is_null(order[row]);
                    const auto value = null ? 0
                                       : columns[c].storage == Storage::boolean
                                           ? int64_t{cell.boolean(r)}
                                           : cell.integer(r);
                    wrong +=
                        null != cell.is_null(r) || (!null && columns[c].storage != Storage::real &&
                                                    value != rows.fixed(c).value(order[row]));
                }
            }
        }
    }
    CHECK(row == kRows);
    CHECK(wrong == 0);
    // Time bounds of row groups are there and prune.
    auto bounds =
        must(engine.query("SELECT count(*) FROM parquet_metadata(" + sql::quote_literal(path) +
                          ") WHERE path_in_schema = 'event_time' AND stats_min_value IS NOT NULL"));
    CHECK(must(bounds.all())[0][0] == sql::Value(int64_t{2}));
}

TEST_CASE("damage to a page is noticed by whoever reads it") {
    Folder folder;
    const auto& type = *logtype::find("cloudtrail");
    RowBuffer rows(schema_of(type));
    Records reader(type);
    for (uint64_t i = 0; i < 2000; ++i)
        rows.append(reader.read(cloudtrail_record(i), i), {1, "", ""});
    const std::string path = write_rows(rows, folder / "a.parquet");
    std::ifstream file(path, std::ios::binary);
    const std::string sound((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    const auto sum = [&](const std::string& bytes) -> std::string {
        std::ofstream(folder / "b.parquet", std::ios::binary) << bytes;
        auto engine = engine_for(folder.path());
        auto result = engine.query(
            "SELECT md5(string_agg(event_id || request_parameters || source_ip, '' ORDER BY "
            "ordinal)) FROM read_parquet(" +
            sql::quote_literal((folder / "b.parquet").string()) + ")");
        if (!result) return "refused";
        auto all = result->all();
        return all ? std::get<std::string>((*all)[0][0]) : "refused";
    };
    const std::string right = sum(sound);
    std::mt19937 random(5);
    const size_t footer = sound.size() - 8 -
                          (static_cast<uint8_t>(sound[sound.size() - 8]) |
                           static_cast<uint8_t>(sound[sound.size() - 7]) << 8);
    int refused = 0;
    for (int i = 0; i < 40; ++i) {
        std::string bytes = sound;
        bytes[random() % footer] ^= 1;
        const std::string answer = sum(bytes);
        CHECK((answer == right || answer == "refused"));
        refused += answer == "refused";
    }
    CHECK(refused > 0);
}

TEST_CASE("few numbers, zero and one among them, come back as they were") {
    Folder folder;
    const auto& type = *logtype::find("cloudtrail");
    RowBuffer rows(schema_of(type));
    Records reader(type);
    const std::vector<int64_t> numbers{0, 1, 0, INT64_MIN, 1, 1, INT64_MAX, -1, 0, 7};
    for (uint64_t i = 0; i < 60; ++i)
        rows.append(reader.read(cloudtrail_record(i), i), {numbers[i % numbers.size()], "", ""});
    const std::string path = write_rows(rows, folder / "a.parquet");
    auto engine = engine_for(folder.path());
    auto result = must(engine.query("SELECT object_id FROM read_parquet(" +
                                    sql::quote_literal(path) + ") ORDER BY ordinal"));
    const auto all = must(result.all());
    REQUIRE(all.size() == 60);
    for (size_t i = 0; i < all.size(); ++i)
        CHECK(all[i][0] == sql::Value(numbers[i % numbers.size()]));
}

TEST_CASE("numbers keep their exact value or go to extra") {
    Folder folder;
    const auto& type = *logtype::find("guardduty");
    RowBuffer rows(schema_of(type));
    Records reader(type);
    const std::map<std::string, bool> severities = {{"2", true},
                                                    {"8.5", true},
                                                    {"1e400", false},
                                                    {"0.1234567890123456789", false},
                                                    {"\"high\"", false}};
    uint64_t i = 0;
    for (const auto& [text, fits] : severities) {
        rows.append(
            reader.read(
                fmt::format(
                    R"({{"id":"{}","schemaVersion":"2.0","type":"A:B/C","severity":{},"updatedAt":"2024-07-31T00:00:00.000Z","accountId":"1","region":"r"}})",
                    i,
                    text),
                i),
            {1, "", ""});
        ++i;
    }
    const std::string path = write_rows(rows, folder / "a.parquet");
    auto engine = engine_for(folder.path());
    auto result = must(engine.query("SELECT severity, extra FROM read_parquet(" +
                                    sql::quote_literal(path) + ") ORDER BY ordinal"));
    const auto all = must(result.all());
    REQUIRE(all.size() == severities.size());
    i = 0;
    for (const auto& [text, fits] : severities) {
        CHECK(sql::is_null(all[i][0]) == !fits);
        const std::string extra = sql::is_null(all[i][1]) ? "" : std::get<std::string>(all[i][1]);
        CHECK((extra.find("\"severity\":" + text) != std::string::npos) == !fits);
        ++i;
    }
}
