// What events are done to: buckets, users, instances, keys. A finding tells which it is about.
//
//   std::string key = resource_key({"AWS::IAM::Role", "111122223333", "", "deploy"});
//                                                       // "AWS::IAM::Role/111122223333/deploy"
//   const ResourceView resource = parse_resource(key);  // and back
//   arn_of(resource)                                    // where AWS's pattern leaves no doubt
//
// A resource is its kind, in the words of AWS CloudFormation and Config, and what tells it apart
// among those of its kind: the account, the Region where names repeat in each, and the name. Its
// key is all of that as one text, the same whether a record had the ARN or the bare name, so that
// events about one thing add up.
//
// Sources: CloudFormation resource types; Service Authorization Reference, "Resource types defined
// by …" (the patterns of ARNs); IAM user guide, "Reserved characters and limits".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/language.h"

namespace yagura {
class JsonObject;
}

namespace yagura::logtype {

// What a name of this kind is unique within.
enum class Reach : uint8_t {
    everywhere,  // S3 buckets, AWS accounts
    account,     // IAM users
    region,      // Lambda functions; ids that say nothing else
};

// Which part of an ARN behind its type is the name.
enum class NamePart : uint8_t {
    all,
    before_slash,  // stack/NAME/id
    after_slash,   // role/a/path/NAME
    before_colon,  // function:NAME:alias
    secret,        // secret:NAME-AbCdEf: six random characters that requests may leave out
    parameter,     // parameter/a/b is called /a/b, parameter/a is called a
};

struct ResourceKind {
    std::string_view type;      // "AWS::S3::Bucket"
    std::string_view service;   // of its ARN: "s3"
    std::string_view arn_type;  // what the ARN's last part begins with: "instance/"
    Reach reach;
    NamePart name;
    bool has_arn;             // the ARN follows from account, Region and name
    bool is_part;             // of another, and numerous: objects, streams
    std::string_view entity;  // page of the console about it: "bucket"; empty when there is none
    Text title;
};

std::span<const ResourceKind> resource_kinds();
// By type, exact; null for one we have no row of.
const ResourceKind* find_resource_kind(std::string_view type);

// Points into the text it was made from. Kinds without a row have an ARN or a bare name as name.
struct ResourceView {
    std::string_view kind;
    std::string_view account;
    std::string_view region;
    std::string_view name;
};

// Where a bare name was met.
struct ResourcePlace {
    std::string_view account;
    std::string_view region;
};

constexpr size_t kMaxResourceKey = 1200;  // bytes: an S3 key has 1,024

// Appends the key of a resource. Account and Region are left out where its kind does not need
// them, control characters are replaced, and what is longer than kMaxResourceKey is cut.
void append_resource_key(std::string& out, const ResourceView& resource);
std::string resource_key(const ResourceView& resource);
ResourceView parse_resource(std::string_view key);

// What an ARN names; nullopt when it is none. `kind` is what the record calls it, if it does: used
// where no row fits.
std::optional<ResourceView> resource_of_arn(std::string_view arn, std::string_view kind = {});
// What a bare name or an ARN names that stands where a resource of `kind` is expected.
std::optional<ResourceView> resource_of_name(std::string_view name,
                                             const ResourceKind& kind,
                                             const ResourcePlace& place);

// Empty where the record's own text would be needed to know it (paths of IAM).
std::string arn_of(const ResourceView& resource);
// As files tell it: kind, name, account, region, arn; null where there is none.
void write_members(JsonObject& row, const ResourceView& resource);
// In the reader's language; of an unknown kind its type.
std::string_view resource_title(std::string_view kind);
std::string_view resource_entity(std::string_view kind);

// Is it a part of another, and numerous?
bool is_part(std::string_view key);

}  // namespace yagura::logtype
