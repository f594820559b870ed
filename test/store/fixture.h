// Lakes and events made by hand.
#pragma once

#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "event/json_document.h"
#include "logtype/log_type.h"
#include "store/lake.h"
#include "store/writer.h"
#include "support/folder.h"
#include "support/must.h"

namespace yagura::store {

using test::Folder;
using test::must;

// Reads JSON records of one log type.
class Records {
  public:
    explicit Records(const logtype::LogType& type) : type_(type), plan_(type.dictionary()) {
        plan_.collect_extra();
        plan_.freeze();
    }

    // Valid until the next call.
    event::Event& read(std::string_view json, uint64_t ordinal = 0) {
        text_ = event::PaddedText(json);
        const auto fault = document_.index(text_.view());
        REQUIRE(!fault);
        event_.reset(plan_);
        uint32_t at = 0;
        REQUIRE(!event::walk_record(document_, at, event_));
        logtype::RecordContext context;
        REQUIRE(!type_.finish(event_, context));
        event_.ordinal = ordinal;
        return event_;
    }

  private:
    const logtype::LogType& type_;
    event::FieldPlan plan_;
    event::PaddedText text_;
    event::JsonDocument document_;
    event::Event event_;
};

inline std::string uuid_of(uint64_t number) {
    return fmt::format("00000000-0000-4000-8000-{:012x}", number);
}

// A CloudTrail record told apart by `number`, made at noon of `day` plus `number` seconds.
inline std::string cloudtrail_record(uint64_t number,
                                     std::string_view day = "2024-07-31",
                                     std::string_view more = "") {
    const uint64_t second = 43'200 + number % 40'000;
    return fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"user{}","arn":"arn:aws:iam::123456789012:user/user{}","accountId":"123456789012","accessKeyId":"AKIAEXAMPLE{:09}"}},)"
        R"("eventTime":"{}T{:02}:{:02}:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1",)"
        R"("sourceIPAddress":"10.{}.{}.{}","userAgent":"aws-cli/2.15","requestParameters":{{"bucketName":"bucket-{}","key":"k/{}"}},)"
        R"("eventID":"{}","recipientAccountId":"123456789012","readOnly":true{}}})",
        number % 7,
        number % 7,
        number,
        day,
        second / 3600,
        second / 60 % 60,
        second % 60,
        number / 65536 % 256,
        number / 256 % 256,
        number % 256,
        number % 5,
        number,
        uuid_of(number),
        more);
}

inline std::vector<std::vector<sql::Value>> ask(Lake& lake,
                                                std::string_view log_type,
                                                std::string_view select,
                                                std::string_view rest = "") {
    const auto snapshot = must(lake.snapshot());
    const auto* type = logtype::find(log_type);
    auto engine = must(lake.engine({.threads = 1}));
    auto connection = must(engine.connect());
    const auto segments = snapshot.segments(log_type);
    auto rows = must(connection.query(fmt::format(
        "SELECT {} FROM {} {}", select, snapshot.table_sql(schema_of(*type), segments), rest)));
    return must(rows.all());
}

inline int64_t row_count(Lake& lake, std::string_view log_type) {
    return std::get<int64_t>(ask(lake, log_type, "count(*)")[0][0]);
}

// `runs` ingests of `each` events over three days; what they hold is told apart by their number.
inline void fill(const std::filesystem::path& lake, int runs, uint64_t each, int first = 0) {
    const logtype::LogType& type = *logtype::find("cloudtrail");
    Records reader(type);
    for (int run = first; run < first + runs; ++run) {
        auto writer = must(Writer::open(lake, {}));
        auto worker = writer->worker();
        auto input = source::Input::of_bytes(std::to_string(run), std::to_string(run));
        must(input.load(SIZE_MAX));
        must(worker->begin(input));
        for (uint64_t i = 0; i < each; ++i) {
            const uint64_t number = static_cast<uint64_t>(run) * each + i;
            event::Event& event = reader.read(
                cloudtrail_record(number, fmt::format("2024-07-{:02}", 29 + number % 3)), i);
            REQUIRE(must(worker->admit(type, event)));
            must(
                worker->append(type, event, i % 10 == 0 ? "rule-1" : "", i % 10 == 0 ? "low" : ""));
        }
        must(worker->end());
        must(worker->finish());
    }
}

// Segments' files.
inline size_t files_in(const std::filesystem::path& folder) {
    size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        count += entry.path().extension() == ".parquet";
    return count;
}

}  // namespace yagura::store
