// /quarantine: what could not be used, and reading it once more. Samples are bytes of records
// nobody knows the account of, so only those who see every account get them.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "api/audited.h"
#include "api/people_json.h"
#include "base/messages/live.h"
#include "pipeline/live.h"
#include "store/catalog.h"

namespace yagura::api {
namespace {

using http::Response;

constexpr uint64_t kPage = 100;
constexpr uint64_t kMostPage = 1000;
constexpr std::chrono::seconds kLongest{60};  // that a replay is waited for

// One kind of fault of one object.
struct Kind {
    int64_t object = 0;
    FaultCode code{};
    uint64_t count = 0;
    store::Quarantined first;
};

Result<std::vector<Kind>> kinds_of(store::Catalog& catalog) {
    std::map<std::pair<int64_t, FaultCode>, Kind> found;
    YAGURA_CHECK(catalog.for_each_quarantined([&](const store::Quarantined& one) {
        Kind& kind = found[{one.object_id, one.code}];
        if (kind.count++ > 0) return;
        kind.object = one.object_id;
        kind.code = one.code;
        kind.first = one;
    }));
    std::vector<Kind> kinds;
    for (auto& [key, kind] : found) kinds.push_back(std::move(kind));
    std::stable_sort(kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) {
        return a.object > b.object;  // the latest first
    });
    return kinds;
}

Result<Response> list_quarantine(Call& call) {
    YAGURA_TRY(const uint64_t limit, call.number("limit", kPage, kMostPage));
    YAGURA_TRY(const uint64_t offset, call.number("offset", 0, UINT32_MAX));
    std::vector<Kind> kinds;
    YAGURA_TRY(auto catalog, store::Catalog::open(call.services.lake, false));
    if (call.who.accounts.is_all()) {
        YAGURA_TRY(kinds, kinds_of(catalog));
    }
    std::string out = "{\"items\":";
    JsonList items(out);
    for (uint64_t i = offset; i < std::min<uint64_t>(kinds.size(), offset + limit); ++i) {
        const Kind& kind = kinds[i];
        YAGURA_TRY(const auto object, catalog.object(kind.object));
        JsonObject row(items.next());
        row.integer("object_id", kind.object);
        write_text(row, out, "object", object ? object->path : "");
        if (kind.first.ordinal != UINT64_MAX) row.number("ordinal", kind.first.ordinal);
        row.text("code", fault_name(kind.code));
        row.text("reason", fault_sentence(kind.code, language()));
        row.number("count", kind.count);
        write_text(row, out, "sample", kind.first.sample);
        row.text("parser", kind.first.parser);
        row.close();
    }
    items.close();
    out += fmt::format(",\"total\":{}}}", kinds.size());
    return private_json(std::move(out));
}

Result<Response> replay(Call& call) {
    if (!call.services.live) return fail(Code::unsupported, say(message::live_none));
    pipeline::LiveIngest& live = *call.services.live;
    YAGURA_CHECK(live.replay());
    YAGURA_CHECK(audit(call, "quarantine.replay", ""));
    live.wait_for_job(kLongest);
    const auto job = live.job();
    if (job && !job->error.empty()) return fail(Code::io, job->error);
    std::string out;
    JsonObject row(out);
    row.number("read", job ? job->records : 0);
    row.number("still", job ? job->still : 0);
    row.number("gone", job ? job->gone : 0);
    row.close();
    return private_json(std::move(out));
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "limit", .type = "integer", .title = {"Most rows", "最大件数"}},
    {.name = "offset", .type = "integer", .title = {"Rows to skip", "読み飛ばす件数"}},
};

constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/quarantine", .role = Role::viewer,
     .summary = {"Records and objects that could not be used", "利用できなかったレコードとオブジェクト"}, .parameters = kParameters, .answer = "Quarantine",
     .handle = list_quarantine},
    {.method = Method::post, .path = "/quarantine/replay", .role = Role::admin,
     .summary = {"Read them once more", "隔離されたものを読み直す"}, .answer = "Replayed", .handle = replay},
};
// clang-format on

}  // namespace

extern const Resource quarantine;
const Resource quarantine{"quarantine", kRoutes};

}  // namespace yagura::api
