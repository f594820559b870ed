#include "base/language.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "base/fault.h"
#include "base/messages/base.h"
#include "base/text.h"

using namespace yagura;

namespace {

struct Row {
    const char* name;
    Text text;
};

// clang-format off
#pragma push_macro("MESSAGE")
#undef MESSAGE
constexpr Row kRows[] = {
#define MESSAGE(name, english, japanese) {#name, {english, japanese}},
#include "base/messages/all.def"
#define FAULT(name, english, japanese) {#name, {english, japanese}},
#include "base/faults.def"
#undef FAULT
};
#pragma pop_macro("MESSAGE")
// clang-format on

// The placeholders of a text, each counted once: {"{0}", "{1:.1f}"}.
std::set<std::string> placeholders(std::string_view text) {
    std::set<std::string> found;
    for (size_t at = 0; (at = text.find('{', at)) != std::string_view::npos;) {
        if (text.substr(at, 2) == "{{") {
            at += 2;
            continue;
        }
        const size_t end = text.find('}', at);
        REQUIRE(end != std::string_view::npos);
        found.insert(std::string(text.substr(at, end + 1 - at)));
        at = end;
    }
    return found;
}

bool has_japanese(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
        const uint32_t c = next_code_point(text, at);
        if ((c >= 0x3040 && c <= 0x30FF) || (c >= 0x4E00 && c <= 0x9FFF)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("every sentence exists in both languages with the same placeholders") {
    for (const Row& row : kRows) {
        CAPTURE(row.name);
        CHECK(!row.text.english.empty());
        CHECK(!row.text.japanese.empty());
        CHECK(placeholders(row.text.english) == placeholders(row.text.japanese));
    }
}

TEST_CASE("no sentence is left in the other language") {
    for (const Row& row : kRows) {
        CAPTURE(row.name);
        CHECK(!has_japanese(row.text.english));
        // A sentence of several words must have been translated; a name or a format need not.
        if (split(row.text.english, ' ').size() > 3) CHECK(has_japanese(row.text.japanese));
    }
}

TEST_CASE("every placeholder names its argument by number") {
    for (const Row& row : kRows) {
        for (const std::string& placeholder : placeholders(row.text.english)) {
            CAPTURE(row.name);
            CHECK((placeholder[1] >= '0' && placeholder[1] <= '9'));
        }
    }
}

TEST_CASE("names of messages are told apart") {
    std::set<std::string_view> names;
    for (const Row& row : kRows) CHECK_MESSAGE(names.insert(row.name).second, row.name);
}

TEST_CASE("the language follows the tag of the environment") {
    CHECK(language_from_tag("ja") == Language::japanese);
    CHECK(language_from_tag("ja_JP.UTF-8") == Language::japanese);
    CHECK(language_from_tag("en_US.UTF-8") == Language::english);
    CHECK(language_from_tag("C") == Language::english);
    CHECK(language_from_tag("") == Language::english);
}

TEST_CASE("a message is said in the chosen language") {
    CHECK(say(message::cannot_open, "a.log", "gone") == "cannot open a.log: gone");
    set_language(Language::japanese);
    CHECK(say(message::cannot_open, "a.log", "gone") == "a.log を開けません: gone");
    set_language(Language::english);
}

TEST_CASE("a message with too few arguments shows its text instead of failing") {
    CHECK(say(message::cannot_open, "a.log") == "cannot open {0}: {1}");
}

TEST_CASE("faults have a stable name and a sentence") {
    CHECK(fault_name(FaultCode::bad_utf8) == "bad_utf8");
    CHECK(fault_sentence(FaultCode::bad_utf8, Language::english) == "invalid UTF-8");
}
