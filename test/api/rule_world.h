// A console with two shipped rules and a correlation over a lake of two accounts, asked without
// sockets.
//
//   Console console;
//   CHECK(ids(console.get("/rules")) == Ids{"many", "create", "delete"});
#pragma once

#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "api/api.h"
#include "base/json_text.h"
#include "desk/desk.h"
#include "http/json.h"
#include "pipeline/ingest.h"
#include "query/rule_hits.h"

namespace yagura::rule_test {

using http::Method;

inline constexpr int64_t kNow = 1'700'000'000;  // 2023-11-14T22:13:20Z

inline std::string rule_text(std::string_view id, std::string_view event, std::string_view level) {
    return fmt::format(
        "title: Rule {0}\nid: {0}\nstatus: test\nlogsource:\n    product: aws\n    service: "
        "cloudtrail\ndetection:\n    selection:\n        eventName: {1}\n    condition: "
        "selection\nlevel: {2}\n",
        id,
        event,
        level);
}

inline std::string correlation_text(std::string_view rule) {
    return fmt::format(
        "title: Many\nid: many\ncorrelation:\n    type: event_count\n    rules: [{}]\n"
        "    group-by: [recipientAccountId]\n    timespan: 1h\n    condition: {{gte: 2}}\n"
        "    generate: true\nlevel: high\n",
        rule);
}

inline std::string record(std::string_view event, std::string_view account, int64_t seconds_ago) {
    static int count = 0;
    return fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::{1}:user/u","accountId":"{1}","userName":"u"}},"eventTime":"{2}","eventSource":"iam.amazonaws.com","eventName":"{0}","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"x","eventID":"00000000-0000-4000-8000-{3:012}","eventType":"AwsApiCall","recipientAccountId":"{1}"}})",
        event,
        account,
        format_iso8601(from_micros((kNow - seconds_ago) * 1'000'000)),
        ++count);
}

struct Answer {
    int status = 0;
    http::Json json;
    std::string body;
    http::Pairs headers;

    std::string error() const {
        const http::Json* problem = json.find("error");
        return problem ? std::string(problem->text("code")) : "";
    }
    const http::Json& error_part() const { return *json.find("error"); }
};

// A console with two shipped rules over a lake of two accounts.
struct Console {
    std::filesystem::path folder;
    std::unique_ptr<desk::RuleDesk> desk;
    std::unique_ptr<query::RuleHits> hits;
    auth::Principal who{.name = "alice",
                        .role = auth::Role::responder,
                        .accounts = AccountScope::all(),
                        .session = "",
                        .csrf = ""};
    api::Services services;
    api::Api api{services};

    Console() {
        static int count = 0;
        folder = std::filesystem::temp_directory_path() /
                 fmt::format("yagura_rules_api_{}_{}", getpid(), count++);
        write("shipped/create.yml", rule_text("create", "CreateUser", "high"));
        write("shipped/delete.yml", rule_text("delete", "DeleteUser", "low"));
        write("shipped/many.yml", correlation_text("create"));
        desk::Options options{.folder = folder / "lake" / "console"};
        options.rules.bundled = {folder / "shipped"};
        auto opened = desk::RuleDesk::open(options);
        REQUIRE(opened.has_value());
        desk = std::move(*opened);
        hits = std::make_unique<query::RuleHits>(folder / "lake");
        services.lake = folder / "lake";
        services.now = [] { return from_micros(kNow * 1'000'000); };
        services.rules = desk.get();
        services.rule_hits = hits.get();
        services.identify = [this](const http::Request&) {
            return Result<std::optional<auth::Principal>>(who);
        };
    }
    ~Console() { std::filesystem::remove_all(folder); }

    void write(const std::string& name, std::string_view text) const {
        const auto file = folder / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }

    void ingest(const std::vector<std::string>& records) const {
        static int count = 0;
        const std::string name = fmt::format("logs/{}.json", count++);
        write(name, fmt::format(R"({{"Records":[{}]}})", fmt::join(records, ",")));
        const auto shelf = desk->shelf();
        const rule::RuleSet& set = *shelf->in_use;
        pipeline::IngestOptions options;
        options.paths = {(folder / name).string()};
        options.lake = folder / "lake";
        const auto done = pipeline::ingest({set.rules, set.correlations, set.first_seen}, options);
        REQUIRE(done.has_value());
    }

    Answer ask(Method method,
               std::string_view target,
               std::string body = {},
               http::Pairs headers = {}) {
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target("/api/v1" + std::string(target), request));
        request.headers = std::move(headers);
        request.body = std::move(body);
        const http::Response response = api.answer(request).response;
        Answer answer{response.status, {}, response.body, response.headers};
        auto json = http::Json::parse(response.body);
        REQUIRE_MESSAGE(json, response.body);
        answer.json = std::move(*json);
        return answer;
    }
    Answer get(std::string_view target) { return ask(Method::get, target); }
    Answer post(std::string_view target, std::string_view key, std::string_view text) {
        std::string body;
        JsonObject object(body);
        object.text(key, text);
        object.close();
        return ask(Method::post, target, std::move(body));
    }
    Answer put(std::string_view id, std::string_view text, std::string_view base = {}) {
        std::string body;
        JsonObject object(body);
        object.text("text", text);
        if (!base.empty()) object.text("base", base);
        object.close();
        return ask(Method::put, fmt::format("/rules/{}", id), std::move(body));
    }
    int64_t hits_of(std::string_view id, std::string_view which) {
        return get(fmt::format("/rules/{}", id)).json.integer(which).value_or(-1);
    }
};

inline std::vector<std::string> ids(const Answer& answer) {
    std::vector<std::string> out;
    for (const http::Json& item : answer.json.list("items")) out.emplace_back(item.text("id"));
    return out;
}

inline int64_t facet(const Answer& answer, std::string_view name, std::string_view value) {
    for (const http::Json& each : answer.json.find("facets")->list(name))
        if (each.text("value") == value) return each.integer("count").value_or(-1);
    return 0;
}

using Ids = std::vector<std::string>;

}  // namespace yagura::rule_test
