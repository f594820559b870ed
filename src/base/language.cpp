#include "base/language.h"

#include <atomic>

namespace yagura {
namespace {

std::atomic<Language> chosen{Language::english};
thread_local std::optional<Language> of_thread;

}  // namespace

Language language() {
    return of_thread ? *of_thread : chosen.load(std::memory_order_relaxed);
}

LanguageScope::LanguageScope(Language language) : before_(of_thread) {
    of_thread = language;
}

LanguageScope::~LanguageScope() {
    of_thread = before_;
}

void set_language(Language language) {
    chosen.store(language, std::memory_order_relaxed);
}

Language language_from_tag(std::string_view tag) {
    return tag.substr(0, 2) == "ja" ? Language::japanese : Language::english;
}

}  // namespace yagura
