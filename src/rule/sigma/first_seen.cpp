#include "rule/sigma/first_seen.h"

#include <unordered_set>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"

namespace yagura::rule::sigma {
namespace {

using match::FirstSeen;

constexpr std::string_view kKeys[] = {"fields", "history", "learning", "entity", "entity_age"};
constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kDefaultHistory = 14 * kDay;
constexpr int64_t kDefaultLearning = kDay;

class Reader {
  public:
    Reader(const YamlNode& node, const FieldCheck& check_field, Problems& problems)
        : node_(node), check_field_(check_field), problems_(problems) {}

    void read(FirstSeen& out) {
        refuse_unknown_keys(node_, kKeys, problems_);
        if (require(node_, "fields", problems_)) read_fields("fields", out.fields);
        out.history = read_span("history", 1, kDefaultHistory);
        out.learning = read_span("learning", 0, kDefaultLearning);
        read_fields("entity", out.entity);
        out.entity_age = read_span("entity_age", 1, 0);
        const bool half = out.entity.empty() != (out.entity_age == 0);
        if (half && problems_.errors() == 0) {
            problems_.error(node_.at,
                            say(message::first_seen_entity,
                                out.entity.empty() ? "entity_age" : "entity",
                                out.entity.empty() ? "entity" : "entity_age"));
        }
        if (out.learning >= out.history && out.history > 0)
            problems_.warn(Lint::long_learning, node_.at, say(message::first_seen_learning));
    }

  private:
    void read_fields(std::string_view key, std::vector<std::string>& out) {
        const YamlNode* node = node_.find(key);
        auto fields = mention_list(node, key, match::kMaxFirstSeenFields, problems_);
        if (!fields) return;
        if (node && fields->empty())
            problems_.error(node->at, say(message::first_seen_fields, key));
        std::unordered_set<std::string> seen;
        for (Mention& field : *fields) {
            if (check_field_) check_field_(field.text, field.at);
            if (!seen.insert(field.text).second)
                problems_.error(field.at, say(message::correlation_field_twice, field.text));
            out.push_back(std::move(field.text));
        }
    }

    int64_t read_span(std::string_view key, int64_t least, int64_t otherwise) {
        const YamlNode* node = node_.find(key);
        return node ? read_timespan(*node, least, problems_).value_or(0) : otherwise;
    }

    const YamlNode& node_;
    const FieldCheck& check_field_;
    Problems& problems_;
};

}  // namespace

std::optional<FirstSeen> read_first_seen(const YamlNode& node,
                                         const FieldCheck& check_field,
                                         Problems& problems) {
    const size_t before = problems.errors();
    FirstSeen out;
    if (node.kind == YamlNode::Kind::map) {
        Reader(node, check_field, problems).read(out);
    } else {
        problems.error(node.at, say(message::first_seen_kind, kind_name(node.kind)));
    }
    if (problems.errors() != before) return std::nullopt;
    return out;
}

}  // namespace yagura::rule::sigma
