// Folders, CloudTrail records and rules made for one test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "match/ir.h"
#include "support/folder.h"

namespace yagura::pipeline {

using test::Folder;

// A call of IAM as CloudTrail tells it.
struct Call {
    uint64_t id = 0;
    std::string_view name = "ListUsers";
    std::string_view time = "2026-03-02T09:15:00Z";
    std::string_view user = "ana";
    std::string_view address = "198.51.100.7";
    std::string_view error = "";
    std::string_view target = "";  // the user named in the request
};

inline std::string record_of(const Call& call) {
    return fmt::format(
        R"({{"eventVersion":"1.09","userIdentity":{{"type":"IAMUser","userName":"{}"}},)"
        R"("eventTime":"{}","eventSource":"iam.amazonaws.com","eventName":"{}",{}{})"
        R"("awsRegion":"us-east-1","sourceIPAddress":"{}","eventID":"e-{}",)"
        R"("recipientAccountId":"111122223333"}})",
        call.user,
        call.time,
        call.name,
        call.error.empty() ? "" : fmt::format(R"("errorCode":"{}",)", call.error),
        call.target.empty()
            ? ""
            : fmt::format(R"("requestParameters":{{"userName":"{}"}},)", call.target),
        call.address,
        call.id);
}

// So many seconds into 2 March 2026.
inline std::string time_of_day(uint64_t seconds) {
    return fmt::format(
        "2026-03-02T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// "r-ListUsers", matching that call whatever came of it.
inline match::Rule rule_about(std::string event_name, match::Level level = match::Level::medium) {
    match::Rule rule;
    rule.info.id = "r-" + event_name;
    rule.info.title = event_name;
    rule.info.level = level;
    rule.source = {"aws", "cloudtrail", ""};
    rule.predicates.push_back({.field = "eventName",
                               .op = match::Op::equals,
                               .operands = {{.text = std::move(event_name)}}});
    rule.condition.kind = match::Condition::Kind::predicate;
    return rule;
}

}  // namespace yagura::pipeline
