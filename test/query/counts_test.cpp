// Facets and histograms: the counts of the query language, whether they were kept or not.
#include <algorithm>

#include "lake_fixture.h"
#include "query/histogram.h"

namespace yagura::query {
namespace {

struct Counting {
    SampleLake lake{{sample_folder()}};
    std::shared_ptr<CountCache> kept = std::make_shared<CountCache>();
    std::unique_ptr<Engine> plain = must(Engine::open(lake.folder(), {.threads = 1}));
    std::unique_ptr<Engine> keeping = must(Engine::open(lake.folder(), options()));

    EngineOptions options() const {
        EngineOptions out;
        out.threads = 1;
        out.counts = kept;
        return out;
    }

    static Question question(std::string_view text, TimeRange range = {}) {
        Question out;
        out.text = text;
        out.range = range;
        out.now = from_micros(1'722'600'000'000'000);
        return out;
    }

    static std::string facets(
        Engine& engine,
        const Question& question,
        const std::vector<std::string>& fields = {
            "eventName", "source_ip", "log_type", "bytes", "@timestamp", "readOnly", "eventID"}) {
        std::vector<Facet> found;
        const Answer answer = must(engine.facets(question, fields, {.size = 4}, found));
        REQUIRE(answer.ran);
        std::string out;
        for (const Facet& facet : found) {
            out += fmt::format("{}: {} of {}, {} missing:",
                               facet.field,
                               facet.distinct,
                               facet.total,
                               facet.missing);
            for (const auto& value : facet.values)
                out += fmt::format(" {}={}", cell_text(value.value), value.count);
            out += "\n";
        }
        return out;
    }

    static std::string bars(Engine& engine,
                            const Question& question,
                            std::string filter,
                            std::string by) {
        const Questioner questioner{[&](const Question& asked, std::vector<Group>& groups) {
                                        return engine.count(asked, groups);
                                    },
                                    [&](const Question& asked) { return engine.span(asked); }};
        HistogramRequest request;
        request.filter = std::move(filter);
        request.by = std::move(by);
        request.buckets = 24;
        const Histogram counts = must(histogram(questioner, question, request));
        std::string out = fmt::format(
            "{} s, {}, {} buckets", counts.bucket.count(), counts.total, counts.starts.size());
        for (const auto& series : counts.series)
            out += fmt::format("\n{}: {}", series.key, fmt::join(series.counts, " "));
        return out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Counting, "facets say what stats says") {
    std::vector<Facet> facets;
    const std::vector<std::string> fields = {"eventName"};
    must(plain->facets(question("filter log_type = 'cloudtrail'"), fields, {.size = 100}, facets));
    const Told told = ask_lake(*plain,
                               "filter log_type = 'cloudtrail' | stats count(*) as n by eventName "
                               "| sort n desc, eventName asc");
    REQUIRE(facets.size() == 1);
    REQUIRE(facets[0].values.size() == told.rows.size());
    std::vector<std::string> rows;
    for (const auto& value : facets[0].values)
        rows.push_back(fmt::format("{} | {}", cell_text(value.value), value.count));
    std::vector<std::string> expected = told.rows;
    std::sort(rows.begin(), rows.end());
    std::sort(expected.begin(), expected.end());
    CHECK(rows == expected);
    CHECK(facets[0].total == 22);
    CHECK(facets[0].missing == 0);
}

TEST_CASE_FIXTURE(Counting, "counts that are kept are those that are read") {
    const auto time = [](std::string_view text) { return *parse_iso8601(text); };
    const TimeRange ranges[] = {{},
                                {time("2024-07-31T09:00:00Z"), time("2024-07-31T11:30:00Z")},
                                {time("2024-07-31T08:30:00Z"), {}},
                                {{}, time("2024-08-01T12:00:00Z")},
                                {time("2030-01-01"), time("2030-01-02")}};
    for (int round = 0; round < 2; ++round) {
        for (const TimeRange& range : ranges) {
            for (const char* filter : {"", "filter source_ip like '203'", "filter bytes > 100"}) {
                CAPTURE(filter);
                const Question asked = question(filter, range);
                CHECK(facets(*keeping, asked) == facets(*plain, asked));
                const std::string condition = *filter == '\0' ? "" : std::string(filter + 7);
                for (const char* by : {"", "log_type", "eventName"})
                    CHECK(bars(*keeping, asked, condition, by) ==
                          bars(*plain, asked, condition, by));
            }
        }
    }
}

TEST_CASE_FIXTURE(Counting, "of fields with too many values the answer is kept, and is the same") {
    auto few = std::make_shared<CountCache>(2);
    EngineOptions with_few = options();
    with_few.counts = few;
    const auto engine = must(Engine::open(lake.folder(), with_few));
    const std::vector<std::string> texts = {"eventName", "source_ip", "eventID"};
    const auto time = [](std::string_view text) { return *parse_iso8601(text); };
    const TimeRange ranges[] = {{},
                                {time("2024-07-31T09:00:00Z"), time("2024-07-31T11:30:00Z")},
                                {time("2024-07-31T09:00:00Z"), time("2024-07-31T10:30:00Z")}};
    for (int round = 0; round < 2; ++round)
        for (const TimeRange& range : ranges)
            for (const char* filter : {"", "filter bytes > 100"})
                CHECK(facets(*engine, question(filter, range), texts) ==
                      facets(*plain, question(filter, range), texts));
    Question other = question("");
    other.scope = AccountScope::of({"999999999999"});
    CHECK(facets(*engine, other, texts) == facets(*plain, other, texts));
    // With its files gone only what is kept can still be told.
    const std::string before = facets(*engine, question(""), texts);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(lake.folder()))
        if (entry.path().extension() == ".parquet") std::filesystem::resize_file(entry.path(), 0);
    CHECK(facets(*engine, question(""), texts) == before);
}

TEST_CASE_FIXTURE(Counting, "who is in a hurry gets a part, and goes on from there") {
    const auto ask = [&](Engine& engine, std::string_view field, std::chrono::milliseconds most) {
        std::vector<Facet> found;
        const std::vector<std::string> fields = {std::string(field)};
        const FacetWish wish{.size = 4, .patience = most, .first_rows = 1};
        REQUIRE(must(engine.facets(question(""), fields, wish, found)).ran);
        return found.at(0);
    };
    // Time is always up: what is counted does not depend on the machine.
    const std::chrono::milliseconds hurry{-1}, none{0};
    for (const char* field : {"eventName", "@timestamp"}) {
        CAPTURE(field);
        const Facet all = ask(*plain, field, none);
        CHECK_FALSE(all.is_partial);
        Facet part = ask(*keeping, field, hurry);
        CHECK(part.is_partial);
        uint64_t before = 0;
        for (int turn = 0; part.is_partial && turn < 100; ++turn) {
            CHECK(part.total > before);
            CHECK(part.total < all.total);
            CHECK(part.share > 0);
            CHECK(part.share < 1);
            before = part.total;
            part = ask(*keeping, field, hurry);
        }
        CHECK_FALSE(part.is_partial);
        CHECK(part.total == all.total);
        CHECK(part.distinct == all.distinct);
        CHECK(part.missing == all.missing);
        REQUIRE(part.values.size() == all.values.size());
        for (size_t i = 0; i < all.values.size(); ++i) {
            CHECK(part.values[i].value == all.values[i].value);
            CHECK(part.values[i].count == all.values[i].count);
        }
    }
    // More values than are kept: a part stays a part until somebody waits for all.
    EngineOptions with_few = options();
    with_few.counts = std::make_shared<CountCache>(2);
    const auto engine = must(Engine::open(lake.folder(), with_few));
    const Facet all = ask(*plain, "eventID", none);
    for (int i = 0; i < 2; ++i) {
        const Facet part = ask(*engine, "eventID", hurry);
        CHECK(part.is_partial);
        CHECK(part.total < all.total);
        CHECK(part.values.size() <= 4);
    }
    const Facet waited = ask(*engine, "eventID", none);
    CHECK_FALSE(waited.is_partial);
    CHECK(waited.distinct == all.distinct);
    CHECK(waited.total == all.total);
    CHECK_FALSE(ask(*engine, "eventID", hurry).is_partial);
}

TEST_CASE_FIXTURE(Counting, "counts by several keys are those of as many questions") {
    const CountSets wanted{{"log_type", "eventName", "ispresent(errorCode)", "bin(1h)"},
                           {{0, 1}, {1}, {3, 2}, {2}}};
    const auto told = [&](Engine& engine, const Question& asked) {
        std::vector<std::vector<Group>> sets;
        REQUIRE(must(engine.count_sets(asked, wanted, sets)).ran);
        std::vector<std::vector<std::string>> out;
        for (const auto& groups : sets) {
            std::vector<std::string>& lines = out.emplace_back();
            for (const Group& group : groups) {
                std::string line;
                for (const sql::Value& key : group.keys) line += cell_text(key) + " | ";
                lines.push_back(line + fmt::format("{} | {} | {}",
                                                   group.count,
                                                   format_iso8601(group.first),
                                                   format_iso8601(group.last)));
            }
            std::sort(lines.begin(), lines.end());
        }
        return out;
    };
    const auto time = [](std::string_view text) { return *parse_iso8601(text); };
    const TimeRange ranges[] = {{},
                                {time("2024-07-31T09:00:00Z"), time("2024-07-31T11:30:00Z")},
                                {time("2030-01-01"), time("2030-01-02")}};
    EngineOptions with_few = options();
    with_few.counts = std::make_shared<CountCache>(5);
    const auto few = must(Engine::open(lake.folder(), with_few));
    for (int round = 0; round < 2; ++round) {
        for (const TimeRange& range : ranges) {
            for (const char* filter : {"", "filter source_ip like '203'"}) {
                CAPTURE(filter);
                const Question asked = question(filter, range);
                const auto sets = told(*keeping, asked);
                CHECK(sets == told(*plain, asked));
                CHECK(sets == told(*few, asked));
                for (size_t i = 0; i < wanted.sets.size(); ++i) {
                    std::string text = std::string(filter) + (*filter ? " | " : "") +
                                       "stats count(*), min(@timestamp), max(@timestamp) by ";
                    for (const size_t key : wanted.sets[i])
                        text += wanted.keys[key] + (key == wanted.sets[i].back() ? "" : ", ");
                    Told one = ask_lake(*plain, text, range);
                    std::sort(one.rows.begin(), one.rows.end());
                    CHECK(sets[i] == one.rows);
                }
            }
        }
    }
}

TEST_CASE_FIXTURE(Counting, "of very many groups the largest of each set are told") {
    EngineOptions with_few = options();
    with_few.counts = std::make_shared<CountCache>(5);
    const auto few = must(Engine::open(lake.folder(), with_few));
    const CountSets wanted{{"eventName", "log_type"}, {{0}, {1}}, 2};
    std::vector<Facet> facets;
    const std::vector<std::string> fields = {"eventName"};
    must(plain->facets(question("filter ispresent(eventName)"), fields, {.size = 2}, facets));
    for (int round = 0; round < 2; ++round) {
        std::vector<std::vector<Group>> sets;
        must(few->count_sets(question("filter ispresent(eventName)"), wanted, sets));
        REQUIRE(sets[0].size() == 2);
        CHECK(std::max(sets[0][0].count, sets[0][1].count) == facets[0].values[0].count);
        CHECK(std::min(sets[0][0].count, sets[0][1].count) == facets[0].values[1].count);
        CHECK(sets[1].size() <= 2);
    }
}

TEST_CASE_FIXTURE(Counting, "how much of a lake was looked at is for who sees all of it") {
    Question asked = question("");
    asked.scope = AccountScope::of({"111122223333"});
    std::vector<Facet> found;
    const std::vector<std::string> fields = {"eventName"};
    must(keeping->facets(
        asked, fields, {.patience = std::chrono::milliseconds(1), .first_rows = 1}, found));
    REQUIRE(found.at(0).is_partial);
    CHECK(found[0].share == 0);
}

TEST_CASE("the facets kept are the newest") {
    CountCache cache;
    for (size_t i = 0; i <= CountCache::kMostFacets; ++i) {
        auto facet = std::make_shared<Facet>();
        facet->distinct = i;
        cache.put_facet(std::to_string(i), facet);
    }
    CHECK_FALSE(cache.find_facet("0"));
    REQUIRE(cache.find_facet("1"));
    CHECK(cache.find_facet("1")->distinct == 1);
}

TEST_CASE_FIXTURE(Counting, "counts of one person are not those of another") {
    Question asked = question("");
    const std::string all = facets(*keeping, asked);
    asked.scope = AccountScope::of({"999999999999"});
    CHECK(facets(*keeping, asked) != all);
    CHECK(facets(*keeping, asked) == facets(*plain, asked));
    asked.scope = AccountScope::all();
    asked.types = {"vpc_flow"};
    CHECK(facets(*keeping, asked) == facets(*plain, asked));
}

TEST_CASE("a count is used again while all of its segments are there") {
    CountCache cache;
    auto counted = std::make_shared<CountCache::Counted>();
    counted->segments = {3, 5};
    cache.put("q", counted);
    CHECK(cache.find("q", {3, 5}) == counted);
    CHECK(cache.find("q", {1, 3, 5, 9}) == counted);
    CHECK(cache.find("q", {3}) == nullptr);
    CHECK(cache.find("other", {3, 5}) == nullptr);
}

TEST_CASE("what is kept is bounded, and what was used last stays") {
    CountCache cache;
    const auto large = [] {
        auto counted = std::make_shared<CountCache::Counted>();
        for (size_t i = 0; i < CountCache::kMostGroups; ++i)
            counted->groups[std::to_string(i)] = {};
        return counted;
    };
    for (int i = 0; i < 12; ++i) {
        cache.put(std::to_string(i), large());
        CHECK(cache.find("0", {}) != nullptr);
    }
    CHECK(cache.find("11", {}) != nullptr);
    CHECK(cache.find("1", {}) == nullptr);
}

TEST_CASE("lists of values never meet") {
    const auto place = [](std::vector<sql::Value> keys) { return CountCache::place_of(keys); };
    CHECK(place({std::string("a"), std::string("b")}) !=
          place({std::string("ab"), std::string("")}));
    CHECK(place({std::string("1")}) != place({int64_t{1}}));
    CHECK(place({std::monostate()}) != place({std::string("missing")}));
}

TEST_CASE("a condition is a condition and nothing more") {
    std::vector<Diagnostic> notes;
    CHECK(filter_of("", notes) == "");
    CHECK(filter_of("a = 1 or b = 2", notes) == "filter a = 1 or b = 2");
    CHECK(notes.empty());
    CHECK(filter_of("a = 1 | limit 5", notes) == "");
    CHECK(notes.size() == 1);
    CHECK(field_text("sourceIPAddress") == "sourceIPAddress");
    CHECK(field_text("@log") == "@log");
    CHECK(field_text("account-id") == "`account-id`");
    CHECK(field_text("a, b") == "`a, b`");
    CHECK(field_text("a` | limit 1") == "");
    CHECK(field_text("") == "");
}

}  // namespace yagura::query
