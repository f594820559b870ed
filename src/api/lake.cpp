// GET /lake: what the lake holds, as far as the person may see it.
#include <algorithm>

#include "api/asking.h"
#include "pipeline/sample.h"
#include "store/catalog.h"

namespace yagura::api {
namespace {

Result<std::vector<std::string>> accounts_of(query::EnginePool::Lease& lease, Timestamp now) {
    query::Question question;
    question.text = "stats count(*) as n by cloud_account_id as account";
    question.now = now;
    std::vector<query::Group> groups;
    YAGURA_TRY(const auto answer, lease.count(question, groups));
    static_cast<void>(answer);
    std::vector<std::string> accounts;
    for (const query::Group& group : groups) {
        if (!sql::is_null(group.keys[0])) accounts.push_back(cell_text(group.keys[0]));
    }
    std::sort(accounts.begin(), accounts.end());
    return accounts;
}

std::string absolute_path(const std::filesystem::path& path) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    return (error ? path : absolute).lexically_normal().string();
}

// The sample is of accounts nobody has: only who sees every account knows of it.
Result<bool> shows_sample(const Call& call) {
    if (!call.who.accounts.is_all()) return false;
    YAGURA_TRY(auto catalog, store::Catalog::open(call.services.lake, false));
    YAGURA_TRY(const auto segments, catalog.segments());
    return pipeline::has_sample(segments);
}

Result<http::Response> show_lake(Call& call) {
    std::vector<query::Engine::TypeTotals> totals;
    std::vector<std::string> accounts;
    bool has_sample = false;
    auto lease = quick_lease(call);
    // Before anything was ingested there is nothing, which is an answer.
    if (!lease && lease.error().code() != Code::not_found) return std::move(lease).error();
    if (lease) {
        query::Question question;
        question.now = call.services.now();
        YAGURA_TRY(totals, lease->totals(question));
        YAGURA_TRY(accounts, accounts_of(*lease, question.now));
        YAGURA_TRY(has_sample, shows_sample(call));
    }
    uint64_t rows = 0;
    uint64_t bytes = 0;
    std::string out;
    JsonObject lake(out);
    lake.key("log_types");
    JsonList types(out);
    for (const auto& one : totals) {
        rows += one.rows;
        bytes += one.bytes;
        JsonObject type(types.next());
        put_text(type, out, "name", one.type->name);
        put_text(type, out, "title", one.type->title.in(language()));
        type.number("rows", one.rows);
        type.number("bytes", one.bytes);
        put_time(type, out, "first", one.first);
        put_time(type, out, "last", one.last);
        type.close();
    }
    types.close();
    lake.key("accounts");
    JsonList list(out);
    for (const std::string& account : accounts) {
        JsonObject one(list.next());
        put_text(one, out, "id", account);
        one.close();
    }
    list.close();
    lake.number("rows", rows);
    lake.number("bytes", bytes);
    lake.boolean("sample", has_sample);
    // For commands that can be pasted as they are; where things lie is for who runs the server.
    if (call.who.role == Role::admin && call.who.accounts.is_all())
        put_text(lake, out, "path", absolute_path(call.services.lake));
    lake.close();
    return http::Response::json(std::move(out));
}

constexpr Route kRoutes[] = {
    {.method = Method::get,
     .path = "/lake",
     .summary = {"What the lake holds", "レイクの内容"},
     .answer = "Lake",
     .handle = show_lake},
};

}  // namespace

extern const Resource lake;
const Resource lake{"lake", kRoutes};

}  // namespace yagura::api
