#include "desk/identity.h"

#include <algorithm>
#include <random>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/hash.h"
#include "rule/derived_id.h"
#include "rule/falco/falco.h"
#include "rule/loader.h"
#include "rule/yaml.h"

namespace yagura::desk {
namespace {

constexpr size_t kMaxStem = 100;

bool is_stem_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

}  // namespace

std::string new_id() {
    std::random_device device;
    const auto word = [&] { return uint64_t{device()} << 32 | device(); };
    std::string id = rule::derived_id({word(), word()});
    id[14] = '4';
    return id;
}

std::string file_stem(std::string_view id) {
    const bool fits = !id.empty() && id.size() <= kMaxStem && id[0] != '.' &&
                      std::all_of(id.begin(), id.end(), is_stem_character) &&
                      (std::string(id) + ".").find(".test.") == std::string::npos;
    if (fits) return std::string(id);
    const Hash128 hash = hash128(id);
    return fmt::format("rule-{:016x}{:016x}", hash.high, hash.low);
}

std::filesystem::path free_name(const std::filesystem::path& file) {
    std::error_code ignored;
    std::filesystem::path name = file;
    for (int i = 2; std::filesystem::exists(name, ignored); ++i)
        name = file.parent_path() / fmt::format("{}-{}.yml", file.stem().string(), i);
    return name;
}

// Read alone, so a correlation over rules of other files is known by its text.
std::string first_id(const std::string& text) {
    const rule::RuleSet set = rule::load_texts({.edited = {{"draft.yml", text}}});
    const match::RuleInfo* first = nullptr;
    const auto look = [&](const match::RuleInfo& info) {
        if (!first || info.line < first->line) first = &info;
    };
    for (const match::Rule& rule : set.rules) look(rule.info);
    for (const match::Correlation& correlation : set.correlations) look(correlation.info);
    for (const rule::Filter& filter : set.filters) look(filter.info);
    if (first) return first->id;
    rule::Problems problems("draft.yml");
    const rule::YamlFile file = rule::parse_yaml(text, problems);
    for (const rule::YamlDocument& document : file.documents()) {
        const rule::YamlNode* id = document.root ? document.root->find("id") : nullptr;
        if (id && id->is_scalar()) return id->text;
    }
    return {};
}

std::string with_id(const std::string& text) {
    if (rule::falco::is_falco(text)) return text;
    rule::Problems problems("draft.yml");
    const rule::YamlFile file = rule::parse_yaml(text, problems);
    if (problems.errors() > 0 || file.documents().size() != 1) return text;
    const rule::YamlNode* root = file.documents()[0].root;
    if (!root || root->kind != rule::YamlNode::Kind::map || root->find("id")) return text;
    // Behind the first key, as people write it, where keys stand on lines of their own.
    if (root->entries.size() < 2) return text;
    const rule::YamlNode& key = *root->entries[1].key;
    if (key.at.column != 1) return text;
    std::string out = text;
    out.insert(key.offset, fmt::format("id: {}\n", new_id()));
    return out;
}

std::string version_of(std::string_view text) {
    return to_hex(sha256(text)).substr(0, 32);
}

std::string version_name(Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y%m%dT%H%M%S}{:06}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       (time - seconds).count());
}

std::optional<Timestamp> version_time(std::string_view name) {
    if (name.size() != 22 || name[8] != 'T' || name[21] != 'Z') return std::nullopt;
    for (size_t i = 0; i < 21; ++i)
        if (i != 8 && (name[i] < '0' || name[i] > '9')) return std::nullopt;
    return parse_iso8601(fmt::format("{}-{}-{}T{}:{}:{}.{}Z",
                                     name.substr(0, 4),
                                     name.substr(4, 2),
                                     name.substr(6, 2),
                                     name.substr(9, 2),
                                     name.substr(11, 2),
                                     name.substr(13, 2),
                                     name.substr(15, 6)));
}

}  // namespace yagura::desk
