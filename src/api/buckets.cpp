// /buckets: S3 buckets to be read once there is a collector for them.
#include "api/audited.h"
#include "api/finding_json.h"
#include "api/people_json.h"
#include "base/messages/console.h"
#include "console/console.h"

namespace yagura::api {
namespace {

using http::Response;

void write_bucket(std::string& out, const console::Bucket& bucket) {
    JsonObject row(out);
    row.text("id", std::to_string(bucket.id));
    write_text(row, out, "bucket", bucket.name);
    write_text(row, out, "prefix", bucket.prefix);
    write_text(row, out, "region", bucket.region);
    if (!bucket.role_arn.empty()) row.text("role_arn", bucket.role_arn);
    row.text("state", "waiting");
    write_text(row, out, "added_by", bucket.added_by);
    write_time(row, "added", bucket.added);
    row.close();
}

Result<console::Bucket> read_bucket(const Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    console::Bucket bucket;
    YAGURA_TRY(bucket.name, need_text(body, "bucket"));
    YAGURA_TRY(bucket.region, need_text(body, "region"));
    YAGURA_TRY(auto prefix, read_text(body, "prefix"));
    YAGURA_TRY(auto role, read_text(body, "role_arn"));
    bucket.prefix = prefix.value_or("");
    bucket.role_arn = role.value_or("");
    bucket.added_by = call.who.name;
    bucket.added = call.services.now();
    return console::tidy(std::move(bucket));
}

Result<int64_t> id_of(const Call& call) {
    const auto id = call.id();
    if (!id) return fail(Code::not_found, say(message::console_no_bucket));
    return *id;
}

// Buckets hold logs of any account: who sees some accounts only sees none of them.
Result<Response> list_buckets(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    std::vector<console::Bucket> buckets;
    if (call.who.accounts.is_all()) {
        YAGURA_TRY(buckets, console->buckets.all());
    }
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const console::Bucket& bucket : buckets) write_bucket(items.next(), bucket);
    items.close();
    return private_json(out + "}");
}

Result<void> check_sees_all(const Call& call) {
    if (call.who.accounts.is_all()) return {};
    return fail(Code::forbidden, say(message::console_bucket_scope));
}

Result<Response> add_bucket(Call& call) {
    YAGURA_CHECK(check_sees_all(call));
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const console::Bucket bucket, read_bucket(call));
    YAGURA_TRY(const int64_t id, console->buckets.add(bucket));
    YAGURA_CHECK(audit(call, "bucket.add", std::to_string(id), bucket.name));
    return list_buckets(call);
}

Result<Response> replace_bucket(Call& call) {
    YAGURA_CHECK(check_sees_all(call));
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(console::Bucket bucket, read_bucket(call));
    YAGURA_TRY(bucket.id, id_of(call));
    YAGURA_CHECK(console->buckets.replace(bucket));
    YAGURA_CHECK(audit(call, "bucket.change", std::to_string(bucket.id), bucket.name));
    return list_buckets(call);
}

Result<Response> remove_bucket(Call& call) {
    YAGURA_CHECK(check_sees_all(call));
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const int64_t id, id_of(call));
    YAGURA_CHECK(console->buckets.remove(id));
    YAGURA_CHECK(audit(call, "bucket.remove", std::to_string(id)));
    return list_buckets(call);
}

// clang-format off
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/buckets", .role = Role::viewer,
     .summary = {"S3 buckets waiting for a collector", "収集機能の対応を待つ S3 バケット"}, .answer = "BucketList", .handle = list_buckets},
    {.method = Method::post, .path = "/buckets", .role = Role::admin,
     .summary = {"Keep the settings of a bucket", "バケットの設定を保存する"}, .asks = "NewBucket", .answer = "BucketList", .handle = add_bucket},
    {.method = Method::put, .path = "/buckets/{id}", .role = Role::admin,
     .summary = {"Change the settings of a bucket", "バケットの設定を変更する"}, .asks = "NewBucket", .answer = "BucketList", .handle = replace_bucket},
    {.method = Method::del, .path = "/buckets/{id}", .role = Role::admin,
     .summary = {"Forget a bucket", "バケットの設定を削除する"}, .answer = "BucketList", .handle = remove_bucket},
};
// clang-format on

}  // namespace

extern const Resource buckets;
const Resource buckets{"buckets", kRoutes};

}  // namespace yagura::api
