// A console over a small lake of two accounts, asked without sockets.
//
//   World world;
//   world.be_tenant_b();
//   CHECK(world.get("/findings").items().size() == 1);
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "api/api.h"
#include "api/pulse.h"
#include "auth/gate.h"
#include "base/hash.h"
#include "console/console.h"
#include "store/fixture.h"

namespace yagura::api_test {

using http::Method;
using store::must;

inline const std::string kAccountA = "111111111111";
inline const std::string kAccountB = "222222222222";
inline const Timestamp kNow = *parse_iso8601("2026-11-22T03:00:00Z");

// A CloudTrail record of `who` in `account`.
inline std::string record_of(std::string_view account,
                             std::string_view who,
                             uint64_t number,
                             std::string_view error = "") {
    return fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"{0}","arn":"arn:aws:iam::{1}:user/{0}",)"
        R"("accountId":"{1}","accessKeyId":"AKIA{1}XXXX"}},"eventTime":"2026-11-20T10:{2:02}:00Z",)"
        R"("eventSource":"s3.amazonaws.com","eventName":"{3}","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7",)"
        R"("userAgent":"aws-cli/2.15","requestParameters":{{"bucketName":"shared-bucket"}},"eventID":"{4}",)"
        R"("resources":[{{"type":"AWS::IAM::Role","ARN":"arn:aws:iam::{1}:role/of-{0}"}}],)"
        R"("recipientAccountId":"{1}"{5}}})",
        who,
        account,
        number % 60,
        number % 2 == 0 ? "GetObject" : "ListBuckets",
        store::uuid_of((hash64(fmt::format("{}/{}", account, who)) >> 20) + number),
        error.empty() ? "" : fmt::format(R"(,"errorCode":"{}")", error));
}

inline match::RuleInfo rule_of(std::string id) {
    match::RuleInfo rule;
    rule.title = "Title of " + id;
    rule.title_ja = id + " の題名";
    rule.id = std::move(id);
    rule.level = match::Level::high;
    rule.tags = {"attack.discovery", "attack.t1580"};
    return rule;
}

// Ingests `count` events of one person as one object; each meets the rule.
inline void ingest(const std::filesystem::path& lake,
                   const match::RuleInfo& rule,
                   const std::string& account,
                   const std::string& who,
                   uint64_t count) {
    auto writer = must(store::Writer::open(lake, {}));
    auto worker = writer->worker();
    const std::string name = fmt::format("{}-{}-{}.json", account, who, count);
    auto input = source::Input::of_bytes(name, name);
    must(input.load(SIZE_MAX));
    REQUIRE(store::is_wanted(must(worker->begin(input))));
    const auto& type = *logtype::find("cloudtrail");
    store::Records reader(type);
    for (uint64_t i = 0; i < count; ++i) {
        event::Event& event =
            reader.read(record_of(account, who, i, i == 0 ? "AccessDenied" : ""), i);
        if (!must(worker->admit(type, event))) continue;
        worker->note(rule, type, event);
        must(worker->append(type, event, rule.id, match::level_name(rule.level)));
    }
    must(worker->end());
    must(worker->finish());
}

struct Answer {
    int status = 0;
    std::string body;
    http::Json json;

    const http::Json::List& items(std::string_view name = "items") const { return json.list(name); }
    const http::Json& at(std::string_view name) const {
        const http::Json* found = json.find(name);
        REQUIRE(found);
        return *found;
    }
};

// A lake of two accounts that share an address and a bucket, and its console.
struct World {
    store::Folder folder;
    match::RuleInfo loud = rule_of("rule-loud"), quiet = rule_of("rule-quiet");
    Timestamp now = kNow;
    std::unique_ptr<auth::Gate> gate;
    std::unique_ptr<console::Console> console;
    std::unique_ptr<query::EnginePool> engines;
    std::unique_ptr<api::Pulse> pulse;
    auth::Principal who;
    api::Services services;
    api::Api api{services};

    World() {
        ingest(folder.path(), loud, kAccountA, "alice", 6);
        ingest(folder.path(), loud, kAccountB, "mallory", 8);
        ingest(folder.path(), quiet, kAccountB, "bob-secret", 2);
        gate = must(auth::Gate::open(folder.path()));
        console = must(console::Console::open(folder.path()));
        query::PoolOptions options;
        options.engines = 1;
        options.engine.threads = 1;
        engines = std::make_unique<query::EnginePool>(folder.path(), options);
        pulse = std::make_unique<api::Pulse>(folder.path(), *engines);
        services.lake = folder.path();
        services.now = [this] { return now; };
        services.gate = gate.get();
        services.console = console.get();
        services.engines = engines.get();
        services.pulse = pulse.get();
        services.identify = [this](const http::Request&) {
            return Result<std::optional<auth::Principal>>(who);
        };
        be("aki", auth::Role::admin, AccountScope::all());
    }
    void be(std::string name, auth::Role role, AccountScope scope) {
        who = {};
        who.name = std::move(name);
        who.role = role;
        who.accounts = std::move(scope);
    }
    void be_tenant_a(auth::Role role = auth::Role::responder) {
        be("ann", role, AccountScope::of({kAccountA}));
    }
    void be_tenant_b(auth::Role role = auth::Role::responder) {
        be("ben", role, AccountScope::of({kAccountB}));
    }

    Answer ask(Method method, std::string_view target, std::string body = {}) {
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target("/api/v1" + std::string(target), request));
        request.body = std::move(body);
        http::Response response = api.answer(request).response;
        Answer out{response.status, response.body, {}};
        auto json = http::Json::parse(response.body);
        REQUIRE(json);
        out.json = std::move(*json);
        return out;
    }
    Answer get(std::string_view target) { return ask(Method::get, target); }
    Answer post(std::string_view target, std::string body) {
        return ask(Method::post, target, std::move(body));
    }
    // A change that must go well.
    Answer done(std::string_view target, std::string body) {
        Answer out = post(target, std::move(body));
        CAPTURE(out.body);
        REQUIRE(out.status == 200);
        return out;
    }
    std::string id_of(const std::string& rule,
                      const std::string& account,
                      const std::string& who_) {
        return console::finding_id({rule, account, who_, "198.51.100.7"});
    }
    std::string alice() { return id_of("rule-loud", kAccountA, "alice"); }
    std::string mallory() { return id_of("rule-loud", kAccountB, "mallory"); }
};

inline std::string ids_body(const std::string& id, std::string_view more) {
    return fmt::format(R"({{"ids":["{}"],{}}})", id, more);
}

// Nothing of account B may stand anywhere in what a person of account A reads.
inline void check_is_of_a(const Answer& answer) {
    CAPTURE(answer.body);
    for (const std::string_view secret : {"222222222222", "mallory", "bob-secret", "rule-quiet"})
        CHECK(answer.body.find(secret) == std::string::npos);
}

inline constexpr std::string_view kSuppressUntil =
    R"("reason":"known","expires":"2026-12-01T00:00:00Z")";

}  // namespace yagura::api_test
