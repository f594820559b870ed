// YAML of rules: what the quick reader knows, it reads as libyaml does, and without an error.
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "expect.h"
#include "rule/problems.h"
#include "rule/yaml_common.h"

using namespace yagura::rule;

namespace {

bool same(const YamlNode& a, const YamlNode& b) {
    const bool alike = a.kind == b.kind && a.text == b.text && a.spelling == b.spelling &&
                       a.at.line == b.at.line && a.at.column == b.at.column &&
                       a.offset == b.offset && a.expanded == b.expanded && a.height == b.height;
    if (!alike || a.items.size() != b.items.size() || a.entries.size() != b.entries.size())
        return false;
    for (size_t i = 0; i < a.items.size(); ++i) {
        if (!same(*a.items[i], *b.items[i])) return false;
    }
    for (size_t i = 0; i < a.entries.size(); ++i) {
        if (!same(*a.entries[i].key, *b.entries[i].key)) return false;
        if (!same(*a.entries[i].value, *b.entries[i].value)) return false;
    }
    return true;
}

bool may_be_read(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (byte == 0x7F || (byte < ' ' && c != '\n' && c != '\r' && c != '\t')) return false;
    }
    return yagura::is_valid_utf8(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!may_be_read(text)) return 0;
    const auto common = parse_common_yaml(text);
    if (!common) return 0;
    Problems problems("x.yml");
    const YamlFile any = parse_any_yaml(text, problems);
    YAGURA_EXPECT(problems.errors() == 0);
    YAGURA_EXPECT(common->documents().size() == any.documents().size());
    for (size_t i = 0; i < any.documents().size(); ++i) {
        YAGURA_EXPECT(!any.documents()[i].broken);
        YAGURA_EXPECT(same(*common->documents()[i].root, *any.documents()[i].root));
    }
    return 0;
}
