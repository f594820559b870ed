#include "base/language.h"

#include <atomic>

namespace yagura {
namespace {

std::atomic<Language> chosen{Language::english};

constexpr Text kMessages[] = {
#define MESSAGE(name, english, japanese) Text{english, japanese},
#include "base/messages/all.def"
#undef MESSAGE
};

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

const Text& message_text(Message message) {
    return kMessages[static_cast<size_t>(message)];
}

}  // namespace yagura
