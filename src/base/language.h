// The two languages people read, and the catalogue of everything the program says.
//
//   #include "base/messages/store.h"
//   say(message::lake_busy, path)         in the language chosen at start (--lang, LANG)
//   Text{"source address", "送信元アドレス"}.in(language())
//
// Messages live in base/messages/<area>.def as MESSAGE(name, english, japanese) with fmt
// placeholders {0} {1}…; a test checks that both languages use the same placeholders. A file
// includes the areas it speaks for, so a changed sentence rebuilds that area and nothing else. Rows
// of registries (log types, fields, faults) carry their sentence as a Text instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace yagura {

enum class Language { english, japanese };

// The choice of this thread (LanguageScope), or else of the process.
Language language();
// Set once at start, before threads exist.
void set_language(Language language);

// A server answers each person in their own language: what this thread says until the end of the
// scope. Scopes may nest.
class LanguageScope {
  public:
    explicit LanguageScope(Language language);
    ~LanguageScope();
    LanguageScope(const LanguageScope&) = delete;
    LanguageScope& operator=(const LanguageScope&) = delete;

  private:
    std::optional<Language> before_;
};

// "ja", "ja_JP.UTF-8" → japanese; anything else → english.
Language language_from_tag(std::string_view tag);

struct Text {
    std::string_view english;
    std::string_view japanese;
    constexpr std::string_view in(Language which) const {
        return which == Language::japanese ? japanese : english;
    }
};

// Formats a message in the chosen language. A wrong placeholder is our mistake and shows the raw
// text.
template <class... Args>
std::string say(const Text& message, const Args&... args) {
    try {
        return fmt::format(fmt::runtime(message.in(language())), args...);
    } catch (const fmt::format_error&) {
        return std::string(message.in(language()));
    }
}

}  // namespace yagura
