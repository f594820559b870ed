#include "rule/falco/falco.h"

#include <algorithm>
#include <deque>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "base/language.h"
#include "base/messages/falco.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/derived_id.h"
#include "rule/falco/exceptions.h"
#include "rule/falco/fields.h"
#include "rule/falco/items.h"
#include "rule/falco/lower.h"
#include "rule/falco/output.h"
#include "rule/falco/parser.h"
#include "rule/sigma/detection.h"

namespace yagura::rule::falco {
namespace {

using match::Level;
using sigma::Reading;
using sigma::Skipped;

struct Priority {
    std::string_view name;
    Level level;
};
constexpr Priority kPriorities[] = {
    {"Emergency", Level::critical},
    {"Alert", Level::critical},
    {"Critical", Level::critical},
    {"Error", Level::high},
    {"Warning", Level::medium},
    {"Notice", Level::low},
    {"Informational", Level::informational},
    {"Debug", Level::informational},
};

const Priority* find_priority(std::string_view name) {
    if (equals_ignore_case(name, "info")) name = "informational";
    for (const Priority& row : kPriorities) {
        if (equals_ignore_case(name, row.name)) return &row;
    }
    return nullptr;
}

bool is_technique(std::string_view tag) {
    if (tag.size() < 5 || ascii_lower(tag[0]) != 't') return false;
    return std::all_of(
        tag.begin() + 1, tag.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

// The tags as written, and beside mitre_persistence and T1098.001 what the rest of the program
// calls them.
std::vector<std::string> tags_of(const std::vector<std::string>& written) {
    std::vector<std::string> out = written;
    for (const std::string& tag : written) {
        constexpr std::string_view kPrefix = "mitre_";
        std::string_view meaning;
        if (tag.starts_with(kPrefix)) meaning = std::string_view(tag).substr(kPrefix.size());
        if (is_technique(tag)) meaning = tag;
        if (meaning.empty()) continue;
        std::string attack = "attack.";
        for (const char c : meaning) attack += c == '_' ? '-' : ascii_lower(c);
        out.push_back(std::move(attack));
    }
    return out;
}

// "[]", with a comment behind it perhaps.
bool is_empty_list(std::string_view content) {
    if (!content.starts_with('[')) return false;
    content = trim(content.substr(1));
    if (!content.starts_with(']')) return false;
    content = trim(content.substr(1));
    return content.empty() || content.starts_with('#');
}

class Compiler {
  public:
    Compiler(std::span<const File> files, const ReadOptions& options) : options_(options) {
        readings_.resize(files.size());
        for (const File& file : files) {
            problems_.emplace_back(std::string(file.name), options.warnings);
            yaml_.push_back(parse_yaml(file.text, problems_.back()));
        }
    }

    std::vector<Reading> read() {
        ItemReader reader(definitions_, mistakes_);
        for (uint32_t i = 0; i < yaml_.size(); ++i) {
            if (problems_[i].errors() > 0) refuse_document(i);
            reader.read(yaml_[i], i);
        }
        resolve_lists(definitions_, mistakes_);
        for (auto& [name, macro] : definitions_.macros) macro.expression = parse(macro.condition);
        for (const Mistake& mistake : mistakes_) {
            if (!mistake.is_warning) refuse_document(mistake.place.file);
        }
        tell(mistakes_);
        for (const RuleItem& item : definitions_.rules) compile(item);
        for (size_t i = 0; i < readings_.size(); ++i) {
            readings_[i].diagnostics = problems_[i].take();
            auto& rules = readings_[i].rules;
            std::sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) {
                return a.info.line < b.info.line;
            });
        }
        return std::move(readings_);
    }

  private:
    void refuse_document(uint32_t file) {
        ++readings_[file].documents;
        ++readings_[file].quarantined;
    }

    void tell(std::vector<Mistake>& mistakes) {
        for (Mistake& mistake : mistakes) {
            Problems& problems = problems_[mistake.place.file];
            if (mistake.is_warning) {
                problems.warn(
                    mistake.place.at, std::move(mistake.message), std::move(mistake.hint));
            } else {
                problems.error(
                    mistake.place.at, std::move(mistake.message), std::move(mistake.hint));
            }
        }
        mistakes.clear();
    }

    std::optional<Expression> parse(const Written& written) {
        Parsed parsed = parse_condition(written.text());
        if (!parsed.expression)
            mistakes_.push_back(
                {written.place(parsed.offset), std::move(parsed.message), std::move(parsed.hint)});
        return std::move(parsed.expression);
    }

    void skip(const RuleItem& item, Skipped::Kind kind, std::string detail = "") {
        std::string title = item.name;
        if (!detail.empty()) title += " (" + detail + ")";
        readings_[item.place.file].skipped.push_back(
            {kind, std::move(title), problems_[item.place.file].file(), item.place.at});
    }

    void compile(const RuleItem& item) {
        Reading& reading = readings_[item.place.file];
        const bool known = item.source == kCloudtrailSource;
        match::Rule rule;
        read_info(item, rule.info);
        rule.source = {"aws", "cloudtrail", ""};
        const auto expression = parse(item.condition);
        Lowering lowering(definitions_, known, rule, mistakes_);
        auto condition = expression ? lowering.lower(*expression, item.condition) : std::nullopt;
        std::vector<match::Condition> excepted;
        const bool fine = lower_exceptions(item, lowering, excepted, mistakes_);
        rule.output = read_output(item.output, known, lowering, mistakes_);
        const auto is_error = [](const Mistake& mistake) { return !mistake.is_warning; };
        const auto errors = std::count_if(mistakes_.begin(), mistakes_.end(), is_error);
        const auto unknown =
            std::count_if(mistakes_.begin(), mistakes_.end(), [](const Mistake& mistake) {
                return mistake.is_unknown_field;
            });
        if (item.skip_if_unknown && errors > 0 && errors == unknown) {
            mistakes_.clear();
            return skip(item, Skipped::Kind::falco_field);
        }
        tell(mistakes_);
        if (errors > 0 || !condition || !fine) return refuse_document(item.place.file);
        if (!item.enabled) return skip(item, Skipped::Kind::falco_disabled);
        if (!known) return skip(item, Skipped::Kind::falco_source, item.source);
        if (!excepted.empty()) {
            condition = sigma::all_of(
                {std::move(*condition), sigma::negation_of(sigma::any_of(std::move(excepted)))});
        }
        rule.condition = std::move(*condition);
        ++reading.documents;
        reading.rules.push_back(std::move(rule));
    }

    void read_info(const RuleItem& item, match::RuleInfo& info) {
        info.id = derived_id(hash128("falco\n" + item.name));
        info.title = item.name;
        info.description = item.description;
        info.tags = tags_of(item.tags);
        info.output = trim(item.output.text());
        info.source = item.source;
        info.file = problems_[item.place.file].file();
        info.line = item.place.at.line;
        if (const Priority* priority = find_priority(item.priority)) {
            info.level = priority->level;
            info.priority = priority->name;
            return;
        }
        std::vector<std::string_view> names;
        for (const Priority& row : kPriorities) names.push_back(row.name);
        mistakes_.push_back({item.place,
                             say(message::falco_priority, item.priority),
                             suggest(item.priority, names)});
    }

    ReadOptions options_;
    std::vector<Reading> readings_;
    std::vector<Problems> problems_;
    std::deque<YamlFile> yaml_;
    Definitions definitions_;
    std::vector<Mistake> mistakes_;
};

}  // namespace

std::vector<Reading> read_files(std::span<const File> files, const ReadOptions& options) {
    return Compiler(files, options).read();
}

bool is_falco(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        std::string_view content = trim(line);
        if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
        if (content.empty() || content.starts_with('#') || content == "---") continue;
        if (is_empty_list(content)) return true;
        if (!content.starts_with("- ")) return false;
        content = trim(content.substr(2));
        for (const std::string_view key : {"rule:",
                                           "macro:",
                                           "list:",
                                           "required_engine_version:",
                                           "required_plugin_versions:"}) {
            if (content.starts_with(key)) return true;
        }
        return false;
    }
    return false;
}

}  // namespace yagura::rule::falco
