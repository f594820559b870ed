#include "logtype/resource.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/byte_scan.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"

namespace yagura::logtype {
namespace {

constexpr std::string_view kOther = "Other";  // as in the AWS Security Finding Format
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_type_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == ':' || c == '-' || c == '_';
    });
}

// An account or a Region; neither can be made to look like another part of a key.
bool is_place(std::string_view text) {
    return text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-';
           });
}

std::string_view without_secret_suffix(std::string_view name) {
    constexpr size_t kSuffix = 7;  // "-AbCdEf"
    if (name.size() <= kSuffix || name[name.size() - kSuffix] != '-') return name;
    const std::string_view random = name.substr(name.size() - kSuffix + 1);
    const bool is_random = std::all_of(random.begin(), random.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
    return is_random ? name.substr(0, name.size() - kSuffix) : name;
}

// `text` is what stands behind the type in an ARN.
std::string_view name_in_arn(NamePart part, std::string_view text) {
    switch (part) {
        case NamePart::before_slash:
            return text.substr(0, text.find('/'));
        case NamePart::after_slash:
            return text.substr(text.rfind('/') + 1);
        case NamePart::before_colon:
            return text.substr(0, text.find(':'));
        case NamePart::secret:
            return without_secret_suffix(text);
        case NamePart::parameter:
            return text.rfind('/') == 0 ? text.substr(1) : text;
        case NamePart::all:
            break;
    }
    return text;
}

struct Arn {
    std::string_view partition, service, region, account, rest;
};

// arn:partition:service:region:account:resource
std::optional<Arn> split_arn(std::string_view text) {
    std::array<std::string_view, 5> parts;
    for (std::string_view& part : parts) {
        const size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        part = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || !parts[1].starts_with("aws") || text.empty()) return std::nullopt;
    if (!is_place(parts[3]) || !is_place(parts[4])) return std::nullopt;
    return Arn{parts[1], parts[2], parts[3], parts[4], text};
}

// In the order of the table.
std::span<const ResourceKind* const> kinds_of_service(std::string_view service) {
    using ByService =
        std::unordered_map<std::string_view, std::vector<const ResourceKind*>, TextHash>;
    static const ByService kByService = [] {
        ByService kinds;
        for (const ResourceKind& kind : resource_kinds()) kinds[kind.service].push_back(&kind);
        return kinds;
    }();
    const auto found = kByService.find(service);
    if (found == kByService.end()) return {};
    return found->second;
}

// The row whose type is the longest beginning of the ARN's last part.
const ResourceKind* kind_of_arn(const Arn& arn) {
    const ResourceKind* best = nullptr;
    for (const ResourceKind* kind : kinds_of_service(arn.service)) {
        if (!arn.rest.starts_with(kind->arn_type)) continue;
        if (!best || kind->arn_type.size() > best->arn_type.size()) best = kind;
    }
    return best;
}

ResourceView within(const ResourceKind& kind, std::string_view name, const ResourcePlace& place) {
    const bool in_region = kind.reach == Reach::region;
    const bool in_account = in_region || kind.reach == Reach::account;
    return {kind.type,
            in_account && is_place(place.account) ? place.account : std::string_view(),
            in_region && is_place(place.region) ? place.region : std::string_view(),
            name};
}

// "bucket", "bucket/", "bucket/key"
ResourceView s3_resource(std::string_view rest) {
    const size_t slash = rest.find('/');
    const bool is_object = slash != std::string_view::npos && slash + 1 < rest.size();
    if (is_object) return {"AWS::S3::Object", "", "", rest};
    return {"AWS::S3::Bucket", "", "", rest.substr(0, slash)};
}

// https://sqs.us-east-1.amazonaws.com/111122223333/jobs
std::optional<ResourceView> queue_of_url(std::string_view url, const ResourcePlace& place) {
    if (!url.starts_with("https://")) return std::nullopt;
    const size_t name = url.rfind('/');
    const size_t account = url.rfind('/', name - 1);
    if (account == std::string_view::npos || name + 1 == url.size()) return std::nullopt;
    return within(*find_resource_kind("AWS::SQS::Queue"),
                  url.substr(name + 1),
                  {url.substr(account + 1, name - account - 1), place.region});
}

// Some requests write the type in front, as in /hostedzone/…, and a KMS key can be told by
// alias/…: then `kind` becomes the alias.
std::string_view without_type(std::string_view name, const ResourceKind*& kind) {
    const std::string_view text = name.starts_with('/') ? name.substr(1) : name;
    if (text.find('/') == std::string_view::npos || kind->service.empty()) return name;
    for (const ResourceKind* other : kinds_of_service(kind->service)) {
        if (!other->arn_type.ends_with('/') || !text.starts_with(other->arn_type)) continue;
        kind = other;
        return text.substr(other->arn_type.size());
    }
    return name;
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20) | (byte == 0x7F);
}

void append_clean(std::string& out, std::string_view text) {
    if (!has_control_or<>(text)) {
        out += text;
        return;
    }
    for (const char c : text) {
        if (is_control(c)) {
            out += kReplacement;
        } else {
            out += c;
        }
    }
}

std::string_view take_part(std::string_view& text) {
    const size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
    return part;
}

std::string_view partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    return "aws";
}

}  // namespace

void append_resource_key(std::string& out, const ResourceView& resource) {
    const size_t start = out.size();
    const ResourceKind* kind = find_resource_kind(resource.kind);
    append_clean(out, resource.kind);
    out += '/';
    if (kind && kind->reach != Reach::everywhere) {
        append_clean(out, resource.account);
        out += '/';
        if (kind->reach == Reach::region) {
            append_clean(out, resource.region);
            out += '/';
        }
    }
    append_clean(out, resource.name);
    if (out.size() - start <= kMaxResourceKey) return;
    size_t size = start + kMaxResourceKey;
    while (size > start && (static_cast<unsigned char>(out[size]) & 0xC0) == 0x80) --size;
    out.resize(size);
}

std::string resource_key(const ResourceView& resource) {
    std::string out;
    append_resource_key(out, resource);
    return out;
}

ResourceView parse_resource(std::string_view key) {
    ResourceView out;
    out.kind = take_part(key);
    if (const ResourceKind* kind = find_resource_kind(out.kind)) {
        if (kind->reach != Reach::everywhere) out.account = take_part(key);
        if (kind->reach == Reach::region) out.region = take_part(key);
    }
    out.name = key;
    return out;
}

std::optional<ResourceView> resource_of_arn(std::string_view text, std::string_view kind) {
    const auto arn = split_arn(text);
    if (!arn || arn->rest == "*") return std::nullopt;
    if (arn->service == "s3" && arn->account.empty()) return s3_resource(arn->rest);
    constexpr std::string_view kSession = "assumed-role/";
    if (arn->service == "sts" && arn->rest.starts_with(kSession)) {
        const std::string_view role = arn->rest.substr(kSession.size());
        return ResourceView{"AWS::IAM::Role", arn->account, "", role.substr(0, role.find('/'))};
    }
    const ResourceKind* known = kind_of_arn(*arn);
    if (!known || (known->service == "s3" && known->arn_type.empty()))
        return ResourceView{is_type_name(kind) ? kind : kOther, "", "", text};
    const std::string_view name =
        name_in_arn(known->name, arn->rest.substr(known->arn_type.size()));
    if (name.empty()) return std::nullopt;
    return within(*known, name, {arn->account, arn->region});
}

std::optional<ResourceView> resource_of_name(std::string_view name,
                                             const ResourceKind& kind,
                                             const ResourcePlace& place) {
    if (name.empty() || name == "*") return std::nullopt;
    if (name.starts_with("arn:")) return resource_of_arn(name, kind.type);
    if (kind.type == "AWS::SQS::Queue") {
        if (const auto queue = queue_of_url(name, place)) return queue;
    }
    const ResourceKind* meant = &kind;
    name = without_type(name, meant);
    if (meant->name == NamePart::parameter || meant->name == NamePart::before_colon)
        name = name_in_arn(meant->name, name);
    if (name.empty()) return std::nullopt;
    return within(*meant, name, place);
}

std::string arn_of(const ResourceView& resource) {
    const ResourceKind* kind = find_resource_kind(resource.kind);
    if (!kind) return resource.name.starts_with("arn:") ? std::string(resource.name) : "";
    if (!kind->has_arn) return {};
    const bool is_placed = (kind->reach == Reach::everywhere || !resource.account.empty()) &&
                           (kind->reach != Reach::region || !resource.region.empty());
    if (!is_placed) return {};
    return fmt::format("arn:{}:{}:{}:{}:{}{}",
                       partition_of(resource.region),
                       kind->service,
                       resource.region,
                       resource.account,
                       kind->arn_type,
                       resource.name);
}

void write_members(JsonObject& row, const ResourceView& resource) {
    row.text("kind", resource.kind);
    row.text("name", resource.name);
    row.text("account", resource.account);
    row.text("region", resource.region);
    row.text("arn", arn_of(resource));
}

std::string_view resource_title(std::string_view kind) {
    const ResourceKind* known = find_resource_kind(kind);
    return known ? known->title.in(language()) : kind;
}

std::string_view resource_entity(std::string_view kind) {
    const ResourceKind* known = find_resource_kind(kind);
    return known ? known->entity : std::string_view();
}

// Asked of every resource of every match; few kinds are.
bool is_part(std::string_view key) {
    static const auto kParts = [] {
        std::vector<std::string> beginnings;
        for (const ResourceKind& kind : resource_kinds()) {
            if (kind.is_part) beginnings.push_back(std::string(kind.type) + '/');
        }
        return beginnings;
    }();
    return std::any_of(kParts.begin(), kParts.end(), [&](const std::string& beginning) {
        return key.starts_with(beginning);
    });
}

}  // namespace yagura::logtype
