// /setup, /watch: what a first run needs, and the jobs behind it.
#include <algorithm>

#include "api/audited.h"
#include "api/people_json.h"
#include "auth/gate.h"
#include "base/messages/live.h"
#include "pipeline/live.h"
#include "pipeline/sample.h"
#include "store/lake.h"

namespace yagura::api {
namespace {

using http::Response;

Result<pipeline::LiveIngest*> live_of(const Call& call) {
    if (!call.services.live) return fail(Code::unsupported, say(message::live_none));
    return call.services.live;
}

void write_folders(std::string& out, const std::vector<pipeline::WatchedFolder>& folders) {
    JsonList list(out);
    for (const pipeline::WatchedFolder& folder : folders) {
        JsonObject row(list.next());
        row.text("path", folder.path);
        row.number("objects", folder.objects);
        write_time(row, "last", folder.last);
        row.close();
    }
    list.close();
}

// While a job runs something is always left to do.
void write_job(std::string& out, const pipeline::LiveJob& job) {
    const uint64_t total = std::max<uint64_t>(job.total, job.finished ? 1 : 0);
    const bool is_all = !job.finished && total > 0 && job.done >= total;
    JsonObject row(out);
    row.text("kind", job.kind);
    row.number("done", job.finished ? total : is_all ? total - 1 : job.done);
    row.number("total", total);
    if (!job.error.empty()) row.text("error", job.error);
    row.close();
}

// Paths of the server and what others brought in are for who sees everything.
Result<Response> show_setup(Call& call) {
    YAGURA_TRY(pipeline::LiveIngest * live, live_of(call));
    bool has_password = true;
    if (call.services.gate) {
        YAGURA_TRY(const bool is_missing, call.services.gate->setup_required());
        has_password = !is_missing;
    }
    YAGURA_TRY(auto catalog, store::Catalog::open(call.services.lake, false));
    YAGURA_TRY(const auto segments, catalog.segments());
    const bool sees_all = call.who.accounts.is_all();
    std::string out;
    JsonObject row(out);
    row.boolean("password", has_password);
    row.boolean("sample", pipeline::has_sample(segments));
    row.key("folders");
    write_folders(out, sees_all ? live->watched() : std::vector<pipeline::WatchedFolder>());
    row.boolean("empty", std::none_of(segments.begin(), segments.end(), [](const auto& segment) {
                    return segment.state == store::SegmentState::live;
                }));
    if (const auto job = live->job(); job && sees_all) {
        row.key("job");
        write_job(out, *job);
    }
    if (const std::string problem = live->problem(); sees_all && !problem.empty())
        row.text("problem", problem);
    row.close();
    return private_json(std::move(out));
}

Result<Response> show_watch(Call& call) {
    YAGURA_TRY(pipeline::LiveIngest * live, live_of(call));
    std::string out = "{\"folders\":";
    write_folders(
        out, call.who.accounts.is_all() ? live->watched() : std::vector<pipeline::WatchedFolder>());
    return private_json(out + "}");
}

Result<Response> add_folder(Call& call) {
    YAGURA_TRY(pipeline::LiveIngest * live, live_of(call));
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const std::string path, need_text(body, "path"));
    YAGURA_CHECK(live->ingest_folder(path));
    YAGURA_CHECK(audit(call, "folder.ingest", path));
    return show_setup(call);
}

Result<Response> add_sample(Call& call) {
    YAGURA_TRY(pipeline::LiveIngest * live, live_of(call));
    YAGURA_CHECK(live->load_sample());
    YAGURA_CHECK(audit(call, "sample.load", ""));
    return show_setup(call);
}

Result<Response> remove_sample(Call& call) {
    YAGURA_TRY(pipeline::LiveIngest * live, live_of(call));
    YAGURA_CHECK(live->remove_sample());
    YAGURA_CHECK(audit(call, "sample.remove", ""));
    return show_setup(call);
}

// clang-format off
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/setup", .role = Role::viewer,
     .summary = {"What is set up, and the job that runs", "設定の状況と実行中の処理"}, .answer = "Setup", .handle = show_setup},
    {.method = Method::get, .path = "/watch", .role = Role::viewer,
     .summary = {"Folders whose logs are followed", "監視中のフォルダー"}, .answer = "Watch", .handle = show_watch},
    {.method = Method::post, .path = "/setup/folder", .role = Role::admin,
     .summary = {"Take in the logs of a folder", "フォルダーのログを取り込む"}, .asks = "SetupFolder", .answer = "Setup", .handle = add_folder},
    {.method = Method::post, .path = "/setup/sample", .role = Role::admin,
     .summary = {"Load the sample incident", "サンプルのインシデントを読み込む"}, .answer = "Setup", .handle = add_sample},
    {.method = Method::del, .path = "/setup/sample", .role = Role::admin,
     .summary = {"Remove the sample incident", "サンプルのインシデントを削除する"}, .answer = "Setup", .handle = remove_sample},
};
// clang-format on

}  // namespace

extern const Resource setup;
const Resource setup{"setup", kRoutes};

}  // namespace yagura::api
