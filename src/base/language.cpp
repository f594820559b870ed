#include "base/language.h"

#include <atomic>

namespace yagura {
namespace {

std::atomic<Language> chosen{Language::english};

}  // namespace

Language language() {
    return chosen.load(std::memory_order_relaxed);
}

void set_language(Language language) {
    chosen.store(language, std::memory_order_relaxed);
}

Language language_from_tag(std::string_view tag) {
    return tag.substr(0, 2) == "ja" ? Language::japanese : Language::english;
}

}  // namespace yagura
