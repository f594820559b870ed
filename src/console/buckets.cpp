#include "console/buckets.h"

#include <algorithm>

#include "base/messages/console.h"
#include "base/text.h"

namespace yagura::console {
namespace {

constexpr size_t kShortestName = 3, kLongestName = 63;
constexpr size_t kLongestPrefix = 1'024;
constexpr size_t kLongestRole = 2'048;
constexpr size_t kAccountDigits = 12;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower_or_digit(char c) {
    return is_lower(c) || is_digit(c);
}
template <class Fits>
bool all_of(std::string_view text, Fits&& fits) {
    return std::all_of(text.begin(), text.end(), fits);
}

bool is_name(std::string_view name) {
    if (name.size() < kShortestName || name.size() > kLongestName) return false;
    if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) return false;
    if (name.find("..") != std::string_view::npos) return false;
    const bool looks_like_address = all_of(name, [](char c) { return is_digit(c) || c == '.'; });
    return !looks_like_address &&
           all_of(name, [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; });
}

// "us-gov-west-1": words, then a number.
bool is_region(std::string_view region) {
    const auto words = split(region, '-');
    if (words.size() < 3 || words.front().size() != 2) return false;
    for (size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i].empty() || !all_of(words[i], is_lower)) return false;
    return !words.back().empty() && words.back().size() <= 2 && all_of(words.back(), is_digit);
}

// arn:aws:iam::111122223333:role/path/name
bool is_role(std::string_view arn) {
    const auto parts = split(arn, ':');
    if (arn.size() > kLongestRole || parts.size() != 6) return false;
    const bool is_partition = parts[1] == "aws" || parts[1].starts_with("aws-");
    const bool is_account = parts[4].size() == kAccountDigits && all_of(parts[4], is_digit);
    constexpr std::string_view kRole = "role/";
    return parts[0] == "arn" && is_partition && parts[2] == "iam" && parts[3].empty() &&
           is_account && parts[5].starts_with(kRole) && parts[5].size() > kRole.size() &&
           all_of(parts[5], [](char c) {
               return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') ||
                      std::string_view("+=,.@_/-").find(c) != std::string_view::npos;
           });
}

Bucket read_bucket(const sqlite::Statement& row) {
    Bucket bucket;
    row.read(bucket.id,
             bucket.name,
             bucket.prefix,
             bucket.region,
             bucket.role_arn,
             bucket.added_by,
             bucket.added);
    return bucket;
}

Result<void> check_new(sqlite::Database& file, const Bucket& bucket) {
    YAGURA_TRY(const int64_t same,
               file.number("SELECT count(*) FROM buckets WHERE name = ? AND prefix = ? AND id <> ?",
                           bucket.name,
                           bucket.prefix,
                           bucket.id));
    if (same > 0) return fail(Code::conflict, say(message::console_bucket_there, bucket.name));
    return {};
}

}  // namespace

Result<Bucket> tidy(Bucket written) {
    Bucket bucket = std::move(written);
    for (std::string* text : {&bucket.name, &bucket.prefix, &bucket.region, &bucket.role_arn})
        *text = std::string(trim(*text));
    constexpr std::string_view kScheme = "s3://";
    if (bucket.name.starts_with(kScheme)) {
        bucket.name.erase(0, kScheme.size());
        const size_t slash = bucket.name.find('/');
        if (slash != std::string::npos) {
            if (bucket.prefix.empty()) bucket.prefix = bucket.name.substr(slash + 1);
            bucket.name.erase(slash);
        }
    }
    bucket.prefix.erase(0, std::min(bucket.prefix.find_first_not_of('/'), bucket.prefix.size()));
    if (!is_name(bucket.name))
        return fail(Code::invalid, say(message::console_bucket_name, printable(bucket.name)));
    if (bucket.prefix.size() > kLongestPrefix)
        return fail(Code::invalid, say(message::console_too_long, "prefix", kLongestPrefix));
    if (!all_of(bucket.prefix, [](char c) { return static_cast<unsigned char>(c) >= 0x20; }))
        return fail(Code::invalid, say(message::console_bucket_prefix));
    if (!is_region(bucket.region))
        return fail(Code::invalid, say(message::console_bucket_region, printable(bucket.region)));
    if (!bucket.role_arn.empty() && !is_role(bucket.role_arn))
        return fail(Code::invalid, say(message::console_bucket_role, printable(bucket.role_arn)));
    return bucket;
}

Result<std::vector<Bucket>> Buckets::all() {
    return notebook_.read([&](sqlite::Database& file) -> Result<std::vector<Bucket>> {
        YAGURA_TRY(auto rows,
                   file.prepare("SELECT id, name, prefix, region, role_arn, added_by, added "
                                "FROM buckets ORDER BY name, prefix"));
        return rows.all(read_bucket);
    });
}

Result<int64_t> Buckets::add(const Bucket& bucket) {
    return notebook_.change([&](sqlite::Database& file) -> Result<int64_t> {
        YAGURA_TRY(const int64_t known, file.number("SELECT count(*) FROM buckets"));
        if (known >= static_cast<int64_t>(kMax))
            return fail(Code::limit, say(message::console_too_many, kMax));
        YAGURA_CHECK(check_new(file, bucket));
        YAGURA_CHECK(
            file.run("INSERT INTO buckets(name, prefix, region, role_arn, added_by, added)"
                     " VALUES (?,?,?,?,?,?)",
                     bucket.name,
                     bucket.prefix,
                     bucket.region,
                     bucket.role_arn,
                     bucket.added_by,
                     bucket.added));
        return file.last_id();
    });
}

Result<void> Buckets::replace(const Bucket& bucket) {
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_CHECK(check_new(file, bucket));
        YAGURA_CHECK(file.run(
            "UPDATE buckets SET name = ?, prefix = ?, region = ?, role_arn = ? WHERE id = ?",
            bucket.name,
            bucket.prefix,
            bucket.region,
            bucket.role_arn,
            bucket.id));
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_bucket));
        return {};
    });
}

Result<void> Buckets::remove(int64_t id) {
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_CHECK(file.run("DELETE FROM buckets WHERE id = ?", id));
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_bucket));
        return {};
    });
}

}  // namespace yagura::console
