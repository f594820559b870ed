#include "rule/yaml_common.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "rule/problems.h"

using namespace yagura::rule;
namespace fs = std::filesystem;

namespace {

std::string show(const YamlNode& node, int depth = 0) {
    std::string out = fmt::format("{}{}:{}+{} {} '{}' '{}' {} {} {}\n",
                                  std::string(depth, ' '),
                                  node.at.line,
                                  node.at.column,
                                  node.offset,
                                  static_cast<int>(node.kind),
                                  node.text,
                                  node.spelling,
                                  node.number,
                                  node.expanded,
                                  node.height);
    for (const YamlNode* item : node.items) out += show(*item, depth + 1);
    for (const YamlEntry& entry : node.entries)
        out += show(*entry.key, depth + 1) + show(*entry.value, depth + 2);
    return out;
}

std::string show(const YamlFile& file) {
    std::string out;
    for (const YamlDocument& document : file.documents())
        out += (document.broken ? "broken\n" : "---\n") +
               (document.root ? show(*document.root) : "empty\n");
    return out;
}

// True when the quick road knows the text; then both must say the same.
bool agree(const std::string& text) {
    const auto common = parse_common_yaml(text);
    if (!common) return false;
    Problems problems("x.yml");
    const YamlFile any = parse_any_yaml(text, problems);
    const bool same = problems.errors() == 0 && show(*common) == show(any);
    if (!same) {
        INFO(text);
        CHECK(problems.errors() == 0);
        CHECK(show(*common) == show(any));
    }
    return true;
}

std::vector<std::string> texts_under(const fs::path& folder) {
    std::vector<std::string> texts;
    std::error_code missing;
    for (const auto& entry : fs::recursive_directory_iterator(folder, missing)) {
        const auto extension = entry.path().extension();
        if (extension != ".yml" && extension != ".yaml") continue;
        std::ifstream in(entry.path(), std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return texts;
}

bool may_be_read(const std::string& text) {
    for (const char c : text) {
        if ((c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7F) return false;
    }
    return yagura::is_valid_utf8(text);
}

// One change of the kind that hands and diffs make.
std::string change(std::string text, std::mt19937& random) {
    static const std::string_view kPieces[] = {
        " ",        "  ",    "\n",    ":",      ": ", "- ",  "-", "'",  "\"",   "#",
        " # x",     "|",     ">",     ">-",     "[",  "]",   ",", "{}", "&a ",  "*a",
        "!!str ",   "---\n", "...\n", "\\",     "\t", "?",   "~", "é",  "日本", "\xE2\x80\xA8",
        "\xC2\x85", "12",    "yes",   "a: b\n", "''", "|+\n"};
    const size_t at = random() % (text.size() + 1);
    switch (random() % 4) {
        case 0:
            return text.erase(at, random() % 4);
        case 1: {  // a line moves in or out
            const size_t line = text.rfind('\n', at);
            const size_t start = line == std::string::npos ? 0 : line + 1;
            return random() % 2 ? text.insert(start, " ") : text.erase(start, 1);
        }
        default:
            return text.insert(at, kPieces[random() % std::size(kPieces)]);
    }
}

}  // namespace

TEST_CASE("what rules are written in is read as libyaml reads it") {
    for (const char* text : {
             "a: b\n",
             "# head\n\na:   b c   # said\n\n# end\n",
             "a:\n  b: 'it''s'\n  c: \"d\" # e\n",
             "a:   # of\n    - b\n    - c: d\n      e: 010\n    -   - f\n        - yes\n",
             "a:\n- b\n- c:\n  - d\n  e: f\ng: h\n",
             "- a\n- b: c\n",
             "a: [b, 'c, d', \"e\", 12 ]\nf: []\n",
             "a: >-\n    one\n    two\n\n    three\n      four\n\n    five\n\nb: c\n",
             "a: |\n\n  one\n   two\n \n\n  three\n\n# end\nb: >+\n  x\n\n\n",
             "a: >\n  one\n",
             "a: b\n---\nc: d\n---\n- e\n",
             "---\na: b\n",
             "a|contains: -x\nb: a:b#c\nd: http://e?f=[g]\n",
             "タイトル無し: 1\n",
             "a: 日本 語 # 注\nb: ['日本', é, c]\n",
         }) {
        const bool is_known = std::string_view(text).substr(0, 3) != "タ";
        CHECK(agree(text) == is_known);
    }
}

TEST_CASE("what is not for certain is left to libyaml") {
    for (const char* text : {
             "",
             "\n",
             "a: b",
             "a:\n",
             "a: b\na: c\n",
             "a: b\n  c\n",
             "a: 'b\n  c'\n",
             "a: \"\\x41\"\n",
             "a: &b c\nd: *b\n",
             "a: !!str b\n",
             "a: {b: c}\n",
             "a: [b,\n  c]\n",
             "a: |2\n   b\n",
             "a: |\n   \n  b\n",
             "a: |\nb: c\n",
             "? a\n",
             "a: b: c\n",
             "a:\tb\n",
             "a: b\r\n",
             "a: b\n...\n",
             "%YAML 1.1\n---\na: b\n",
             "a:\n  b: c\n d: e\n",
             " a: b\n",
             "'a': b\n",
             "a: b\n\xEF\xBB\xBF",
             "a: b\xE2\x80\xA8 c\n",
         })
        CHECK_FALSE(parse_common_yaml(text));
}

TEST_CASE("nearly all rules go the quick way, and what changes make of them means the same") {
    std::vector<std::string> texts = texts_under(fs::path(YAGURA_SOURCE_DIR) / "rules");
    REQUIRE(texts.size() > 100);
    size_t known = 0;
    for (const std::string& text : texts) known += agree(text);
    CHECK(known * 10 > texts.size() * 9);
    const char* const shared = std::getenv("YAGURA_SHARED");
    for (std::string& text : texts_under(fs::path(shared ? shared : "") / "data/rules"))
        if (may_be_read(text)) texts.push_back(std::move(text));
    std::mt19937 random(1);
    known = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text = texts[random() % texts.size()];
        for (size_t changes = 1 + random() % 3; changes > 0; --changes)
            text = change(std::move(text), random);
        if (may_be_read(text)) known += agree(text);
    }
    CHECK(known > 1000);
}
