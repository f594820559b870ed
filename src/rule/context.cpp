#include "rule/context.h"

#include <algorithm>
#include <fstream>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/context.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/loader.h"
#include "rule/sigma/detection.h"
#include "rule/sigma/document.h"
#include "rule/sigma/value.h"

namespace yagura::rule {
namespace {

using match::RuleChoice;

constexpr size_t kMaxEntries = 10'000;
constexpr size_t kMaxNames = 1'000;
constexpr int kMostLevels = 4;

constexpr std::string_view kSections[] = {"exceptions", "severity", "throttle"};
constexpr std::string_view kExceptionKeys[] = {
    "id", "owner", "reason", "rules", "tags", "when", "from", "to", "expires", "mode"};
constexpr std::string_view kSeverityKeys[] = {"rules", "tags", "when", "level", "change", "reason"};
constexpr std::string_view kThrottleKeys[] = {"rules", "tags", "key", "period", "reason"};

// A name with the wildcards of Sigma, folded, as RuleChoice takes it.
std::string name_pattern(std::string_view written) {
    const sigma::Pattern pattern = sigma::Pattern::parse(written);
    const auto parts = pattern.parts();
    std::string out;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            const bool run = pattern.wildcards[i - 1].wild == sigma::Wild::any_run;
            out += run ? match::kAnyRun : match::kAnyOne;
        }
        out += fold_case(parts[i]);
    }
    return out;
}

class ContextReader {
  public:
    ContextReader(const YamlFile& file, const Lists& lists, Context& context, Problems& problems)
        : file_(file), lists_(lists), context_(context), problems_(problems) {}

    void read(const YamlNode& root) {
        if (root.kind != YamlNode::Kind::map) {
            problems_.error(root.at, say(message::context_kind, kind_name(root.kind)));
            return;
        }
        sigma::refuse_unknown_keys(root, kSections, problems_);
        for_each(root, "exceptions", [&](const YamlNode& entry) { read_exception(entry); });
        for_each(root, "severity", [&](const YamlNode& entry) { read_change(entry); });
        for_each(root, "throttle", [&](const YamlNode& entry) { read_throttle(entry); });
    }

  private:
    template <class Read>
    void for_each(const YamlNode& root, std::string_view section, Read&& read) {
        const YamlNode* node = root.find(section);
        if (!node || node->kind == YamlNode::Kind::null) return;
        if (node->kind != YamlNode::Kind::list || node->items.size() > kMaxEntries) {
            problems_.error(node->at, say(message::context_list, section, kind_name(node->kind)));
            return;
        }
        for (const YamlNode* item : node->items) {
            if (item->kind == YamlNode::Kind::map) {
                read(*item);
            } else {
                problems_.error(item->at,
                                say(message::context_list, section, kind_name(item->kind)));
            }
        }
    }

    std::vector<std::string> names(const YamlNode& entry, std::string_view key) {
        const auto mentions = sigma::mention_list(entry.find(key), key, kMaxNames, problems_);
        std::vector<std::string> out;
        if (!mentions) return out;
        for (const sigma::Mention& mention : *mentions) out.push_back(mention.text);
        return out;
    }

    RuleChoice read_choice(const YamlNode& entry) {
        RuleChoice choice;
        for (const std::string& name : names(entry, "rules"))
            choice.rules.push_back(name_pattern(name));
        for (const std::string& tag : names(entry, "tags")) choice.tags.push_back(fold_case(tag));
        return choice;
    }

    match::Rule read_scope(const YamlNode& entry) {
        if (const YamlNode* when = entry.find("when"))
            return sigma::read_search(file_, *when, {}, problems_, &lists_);
        match::Rule anything;
        anything.condition.constant = true;
        return anything;
    }

    std::string required(const YamlNode& entry, std::string_view key) {
        return sigma::scalar_text(sigma::require(entry, key, problems_));
    }

    std::optional<Timestamp> read_time(const YamlNode& entry, std::string_view key) {
        const YamlNode* node = entry.find(key);
        if (!node || node->kind == YamlNode::Kind::null) return std::nullopt;
        std::optional<Timestamp> time;
        if (node->is_scalar()) {
            time = parse_iso8601(node->text);
            if (!time) time = parse_iso8601(node->text + "T00:00:00Z");
        }
        if (!time) {
            problems_.error(
                node->at, say(message::context_time, node->text), say(message::context_time_hint));
        }
        return time;
    }

    void read_exception(const YamlNode& entry) {
        sigma::refuse_unknown_keys(entry, kExceptionKeys, problems_);
        match::Exception exception;
        exception.id = required(entry, "id");
        exception.owner = required(entry, "owner");
        exception.reason = required(entry, "reason");
        exception.choice = read_choice(entry);
        exception.scope = read_scope(entry);
        exception.during = {read_time(entry, "from"), read_time(entry, "to")};
        exception.expires = read_time(entry, "expires");
        exception.only_counts = read_mode(entry);
        exception.file = problems_.file();
        exception.line = entry.at.line;
        const bool is_open =
            exception.choice.rules.empty() && exception.choice.tags.empty() && !entry.find("when");
        if (is_open && !exception.only_counts) {
            problems_.error(
                entry.at, say(message::context_everything), say(message::context_everything_hint));
        }
        auto& exceptions = context_.policy.exceptions;
        const bool twice =
            std::any_of(exceptions.begin(), exceptions.end(), [&](const match::Exception& other) {
                return other.id == exception.id;
            });
        if (twice) problems_.error(entry.at, say(message::context_id_twice, exception.id));
        exceptions.push_back(std::move(exception));
    }

    bool read_mode(const YamlNode& entry) {
        const YamlNode* node = entry.find("mode");
        if (!node) return false;
        constexpr std::string_view kModes[] = {"suppress", "count"};
        if (node->text != kModes[0] && node->text != kModes[1]) {
            problems_.error(node->at,
                            say(message::context_mode, node->text),
                            problems_.nearest(node->text, kModes));
        }
        return node->text == kModes[1];
    }

    void read_change(const YamlNode& entry) {
        sigma::refuse_unknown_keys(entry, kSeverityKeys, problems_);
        match::LevelChange change;
        change.choice = read_choice(entry);
        change.scope = read_scope(entry);
        const YamlNode* level = entry.find("level");
        const YamlNode* shift = entry.find("change");
        if ((level == nullptr) == (shift == nullptr))
            problems_.error(entry.at, say(message::context_one_change));
        if (level) {
            change.set = match::level_from_name(level->text);
            if (!change.set) problems_.error(level->at, say(message::sigma_level, level->text));
        }
        if (shift) change.shift = read_shift(*shift);
        context_.policy.changes.push_back(std::move(change));
    }

    int read_shift(const YamlNode& node) {
        const double most = kMostLevels;
        if (node.kind == YamlNode::Kind::integer && node.number >= -most && node.number <= most)
            return static_cast<int>(node.number);
        problems_.error(node.at, say(message::context_change, node.text));
        return 0;
    }

    void read_throttle(const YamlNode& entry) {
        sigma::refuse_unknown_keys(entry, kThrottleKeys, problems_);
        match::Throttle throttle;
        throttle.choice = read_choice(entry);
        throttle.key = names(entry, "key");
        const auto words = match::role_words();
        for (const std::string& word : throttle.key) {
            if (std::find(words.begin(), words.end(), word) != words.end()) continue;
            problems_.error(entry.find("key")->at,
                            say(message::context_key, word),
                            problems_.nearest(word, words));
        }
        if (const YamlNode* period = sigma::require(entry, "period", problems_)) {
            if (const auto span = sigma::read_timespan(*period, 1, problems_))
                throttle.period = *span;
        }
        context_.policy.throttles.push_back(std::move(throttle));
    }

    const YamlFile& file_;
    const Lists& lists_;
    Context& context_;
    Problems& problems_;
};

Result<std::string> read_text(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string text(kMaxYamlBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream && !stream.eof())
        return fail(Code::io, say(message::cannot_read, path.string(), "I/O"));
    text.resize(static_cast<size_t>(stream.gcount()));
    return text;
}

}  // namespace

void read_context(std::string_view text, const Lists& lists, Context& context, Problems& problems) {
    const YamlFile file = parse_yaml(text, problems);
    for (const YamlDocument& document : file.documents()) {
        const bool has_root = document.root && document.root->kind != YamlNode::Kind::null;
        if (has_root && !document.broken)
            ContextReader(file, lists, context, problems).read(*document.root);
    }
}

Result<Context> load_context(const std::vector<std::filesystem::path>& paths, const Lists& lists) {
    Context context;
    std::string mistakes;
    size_t count = 0;
    for (const std::filesystem::path& path : paths) {
        YAGURA_TRY(const auto files, find_rule_files(path));
        for (const std::filesystem::path& file : files) {
            YAGURA_TRY(const std::string text, read_text(file));
            Problems problems(file.string(), false);
            read_context(text, lists, context, problems);
            for (const Diagnostic& mistake : problems.take()) {
                mistakes += '\n' + to_string(mistake);
                ++count;
            }
        }
    }
    if (count > 0) return fail(Code::invalid, say(message::context_mistakes, count) + mistakes);
    return context;
}

}  // namespace yagura::rule
